package io.facesearch;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Faces that are considered to be of one person. Immutable and thread-safe. */
public final class Person {
  private final String id;
  private final @Nullable String name;
  private final List<String> faceIds;

  /**
   * Creates a person; copies the list.
   *
   * @param id stays the same as long as the person has faces; when two people are merged, the older
   *     id stays
   * @param name the name of those of the faces that have one; null if none has
   * @param faceIds at least one, in insertion order
   */
  public Person(String id, @Nullable String name, List<String> faceIds) {
    this.id = Objects.requireNonNull(id, "id");
    this.name = name;
    this.faceIds = List.copyOf(faceIds);
  }

  /**
   * {@return the id, which stays the same as long as the person has faces; when two people are
   * merged, the older id stays}
   */
  public String id() {
    return id;
  }

  /** {@return the name of those of the faces that have one} */
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /** {@return the ids of the faces, at least one, in insertion order} */
  public List<String> faceIds() {
    return faceIds;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Person that
        && id.equals(that.id)
        && Objects.equals(name, that.name)
        && faceIds.equals(that.faceIds);
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, name, faceIds);
  }

  @Override
  public String toString() {
    return "Person[" + "id=" + id + ", " + "name=" + name + ", " + "faceIds=" + faceIds + "]";
  }
}
