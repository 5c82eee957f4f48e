package io.facesearch;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whose some faces were, and how all were grouped, to take corrections back; see {@link
 * Gallery#snapshot}. Immutable and thread-safe.
 */
public final class PeopleSnapshot {
  private final Map<String, Optional<String>> persons;
  private final @Nullable Grouping grouping;

  PeopleSnapshot(Map<String, Optional<String>> persons, @Nullable Grouping grouping) {
    this.persons = Map.copyOf(persons);
    this.grouping = grouping;
  }

  /** Names by the ids of faces. */
  Map<String, Optional<String>> persons() {
    return persons;
  }

  Optional<Grouping> grouping() {
    return Optional.ofNullable(grouping);
  }
}
