package io.facesearch;

import java.time.LocalDate;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the caller knows of a face, or of the person of a photo: whose it is, tags, and an id.
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

  /** {@return an info that tells nothing: no person, no tags, no id} */
  public static FaceInfo nothing() {
    return NOTHING;
  }

  /**
   * The person is known.
   *
   * @param name of the person: one line of text, not empty
   * @return no tags, no id
   * @throws IllegalArgumentException if it is blank, or has control characters
   */
  public static FaceInfo person(String name) {
    return named(PersonName.check(name));
  }

  /** With a name that is as it is, such as that of a folder. */
  static FaceInfo named(String person) {
    return new FaceInfo(person, null, Map.of());
  }

  /**
   * The same with an id for the face.
   *
   * @param newId unique within the gallery: one line of text of 1 to 10,000 characters
   * @return a copy
   * @throws IllegalArgumentException if it is empty or longer, or has control characters
   */
  public FaceInfo id(String newId) {
    GivenFaces.checkId(newId);
    return new FaceInfo(person, newId, tags);
  }

  /**
   * The same with one more tag, or another value of one.
   *
   * @param name not empty
   * @param value the value
   * @return a copy
   */
  public FaceInfo tag(String name, String value) {
    return tag(name, TagValue.of(value));
  }

  /**
   * The same with one more tag, or another value of one.
   *
   * @param name not empty
   * @param value finite
   * @return a copy
   */
  public FaceInfo tag(String name, double value) {
    return tag(name, TagValue.of(value));
  }

  /**
   * The same with one more tag, or another value of one.
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
   * The same of a photo that was taken on a day; see {@link PhotoTags#TAKEN}.
   *
   * @param day by the clock of the camera
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

  /** {@return whose face it is; empty if that is not known} */
  public Optional<String> person() {
    return Optional.ofNullable(person);
  }

  /** {@return the id that the face shall have; empty if the gallery shall make one} */
  public Optional<String> id() {
    return Optional.ofNullable(id);
  }

  /**
   * What else is known, for {@link FaceFilter}.
   *
   * @return values by name
   */
  public Map<String, TagValue> tags() {
    return tags;
  }

  @Override
  public String toString() {
    return "FaceInfo[" + (person == null ? "nobody known" : person) + ", " + tags + "]";
  }
}
