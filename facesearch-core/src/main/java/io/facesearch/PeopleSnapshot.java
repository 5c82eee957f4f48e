package io.facesearch;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The names of some faces and the grouping of all faces at one moment, for undoing corrections; see
 * {@link Gallery#snapshot}. Immutable and thread-safe.
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
