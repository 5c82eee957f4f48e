package io.facesearch;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Faces that are taken to be of one person. Immutable and thread-safe. */
public final class Person {
  private final String id;
  private final @Nullable String name;
  private final List<String> faceIds;

  /**
   * Checks that nothing is missing, and copies the list.
   *
   * @param id stays the same as long as the person has faces; of two that are merged the older
   *     stays
   * @param name the person of those of the faces that have one; null if not known
   * @param faceIds at least one, in the order in which they came
   */
  public Person(String id, @Nullable String name, List<String> faceIds) {
    this.id = Objects.requireNonNull(id, "id");
    this.name = name;
    this.faceIds = List.copyOf(faceIds);
  }

  /**
   * {@return the id, which stays the same as long as the person has faces; of two that are merged
   * the older stays}
   */
  public String id() {
    return id;
  }

  /** {@return the person of those of the faces that have one} */
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /** {@return at least one, in the order in which they came} */
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
