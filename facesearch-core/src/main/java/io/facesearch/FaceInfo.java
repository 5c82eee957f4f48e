package io.facesearch;

import java.time.LocalDate;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the caller knows about a face, or about the person in a photo: the name, tags, and an id.
 * Immutable and thread-safe.
 *
 * <pre>{@code
 * FaceInfo.person("Ann").tag("camera", "door").tag("year", 2026)
 * }</pre>
 */
public final class FaceInfo {
  private static final FaceInfo NOTHING = new FaceInfo(null, null, Map.of());

  private final @Nullable String person;
  private final @Nullable String id;
  private final Map<String, TagValue> tags;

  private FaceInfo(@Nullable String person, @Nullable String id, Map<String, TagValue> tags) {
    this.person = person;
    this.id = id;
    this.tags = tags;
  }

  /** {@return an info without any content: no person, no tags, no id} */
  public static FaceInfo nothing() {
    return NOTHING;
  }

  /**
   * Creates an info with the name of the person.
   *
   * @param name one line of text, not empty
   * @return the info, without tags and id
   * @throws IllegalArgumentException if it is blank or has control characters
   */
  public static FaceInfo person(String name) {
    return named(PersonName.check(name));
  }

  /** Takes the name as it is, such as that of a folder. */
  static FaceInfo named(String person) {
    return new FaceInfo(person, null, Map.of());
  }

  /**
   * Returns a copy with an id for the face.
   *
   * @param newId unique within the gallery: one line of text of 1 to 10,000 characters
   * @return a copy
   * @throws IllegalArgumentException if it is empty, longer, or has control characters
   */
  public FaceInfo id(String newId) {
    GivenFaces.checkId(newId);
    return new FaceInfo(person, newId, tags);
  }

  /**
   * Returns a copy with a tag, in place of any value that it had.
   *
   * @param name not empty
   * @param value the value
   * @return a copy
   */
  public FaceInfo tag(String name, String value) {
    return tag(name, TagValue.of(value));
  }

  /**
   * Returns a copy with a tag, in place of any value that it had.
   *
   * @param name not empty
   * @param value finite
   * @return a copy
   */
  public FaceInfo tag(String name, double value) {
    return tag(name, TagValue.of(value));
  }

  /**
   * Returns a copy with a tag, in place of any value that it had.
   *
   * @param name not empty
   * @param value the value
   * @return a copy
   */
  public FaceInfo tag(String name, TagValue value) {
    Objects.requireNonNull(value, "value");
    Map<String, TagValue> more = new TreeMap<>(tags);
    more.put(notEmpty("the name of a tag", name), value);
    return new FaceInfo(person, id, Map.copyOf(more));
  }

  /**
   * Returns a copy with the day on which the photo was taken; see {@link PhotoTags#TAKEN}.
   *
   * @param day according to the camera's clock
   * @return a copy
   */
  public FaceInfo taken(LocalDate day) {
    return tag(PhotoTags.TAKEN, PhotoTags.number(day));
  }

  private static String notEmpty(String what, String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException(what + " must not be empty");
    }
    return text;
  }

  /** {@return whose face it is; empty if unknown} */
  public Optional<String> person() {
    return Optional.ofNullable(person);
  }

  /** {@return the id that the face will have; empty to let the gallery create one} */
  public Optional<String> id() {
    return Optional.ofNullable(id);
  }

  /** {@return the values of the tags by name, for {@link FaceFilter}} */
  public Map<String, TagValue> tags() {
    return tags;
  }

  @Override
  public String toString() {
    return "FaceInfo[" + (person == null ? "nobody known" : person) + ", " + tags + "]";
  }
}
