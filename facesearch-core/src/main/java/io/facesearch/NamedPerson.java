package io.facesearch;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A person with a name in a gallery. Immutable and thread-safe.
 *
 * @param name of the person
 * @param faces how many faces have the name, at least 1
 * @param face id of one of them
 */
public record NamedPerson(String name, int faces, String face) {
  /** Checks that no component is null. */
  public NamedPerson {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(face, "face");
  }

  /** All names of some faces, in order. */
  static List<NamedPerson> of(List<EmbeddedFace> faces) {
    Map<String, NamedPerson> byName = new TreeMap<>();
    for (EmbeddedFace face : faces) {
      face.face()
          .person()
          .ifPresent(
              name ->
                  byName.merge(
                      name,
                      new NamedPerson(name, 1, face.face().id()),
                      (old, one) -> new NamedPerson(name, old.faces + 1, old.face)));
    }
    return List.copyOf(byName.values());
  }
}
