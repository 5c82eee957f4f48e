package io.facesearch;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Faces that are taken to be of one person. Immutable and thread-safe.
 *
 * @param id stays the same as long as the person has faces; of two that are merged the older stays
 * @param name the person of those of the faces that have one
 * @param faceIds at least one, in the order in which they came
 */
public record Person(String id, Optional<String> name, List<String> faceIds) {
  /** Checks that nothing is missing, and copies the list. */
  public Person {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    faceIds = List.copyOf(faceIds);
  }
}
