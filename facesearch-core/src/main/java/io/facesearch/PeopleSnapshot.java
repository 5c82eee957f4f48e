package io.facesearch;

import java.util.Map;
import java.util.Optional;

/**
 * Whose some faces were, and how all were grouped, to take corrections back; see {@link
 * Gallery#snapshot}. Immutable and thread-safe.
 */
public final class PeopleSnapshot {
  private final Map<String, Optional<String>> persons;
  private final Optional<Grouping> grouping;

  PeopleSnapshot(Map<String, Optional<String>> persons, Optional<Grouping> grouping) {
    this.persons = Map.copyOf(persons);
    this.grouping = grouping;
  }

  /** Names by the ids of faces. */
  Map<String, Optional<String>> persons() {
    return persons;
  }

  Optional<Grouping> grouping() {
    return grouping;
  }
}
