package io.facesearch;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What an index knows about a face apart from its vector. Immutable and thread-safe. */
public final class FaceRecord {
  private final String id;
  private final @Nullable String person;
  private final @Nullable String source;
  private final @Nullable BoundingBox box;
  private final Map<String, TagValue> tags;
  private final @Nullable String photoOf;
  private final @Nullable FileStamp stamp;

  /**
   * Creates a record; copies the tags.
   *
   * @param id unique within the index, not empty
   * @param person whose face it is; null if unknown
   * @param source where it comes from, such as a file name; null if unknown
   * @param box where it is in the source, in pixels; null if unknown
   * @param tags the tags, for {@link FaceFilter}; names must not be empty
   * @param photoOf whose photo the face is in, which does not mean that it is that person's face;
   *     null if unknown
   * @param stamp what the photo's file was like; null if the face is not from a file
   */
  public FaceRecord(
      String id,
      @Nullable String person,
      @Nullable String source,
      @Nullable BoundingBox box,
      Map<String, TagValue> tags,
      @Nullable String photoOf,
      @Nullable FileStamp stamp) {
    if (id.isEmpty()) {
      throw new IllegalArgumentException("the id of a face must not be empty");
    }
    tags.forEach(
        (name, value) -> {
          Objects.requireNonNull(value, name);
          if (name.isEmpty()) {
            throw new IllegalArgumentException(
                "the name of a tag must not be empty, but face \"" + id + "\" has such a tag");
          }
        });

    this.id = id;
    this.person = person;
    this.source = source;
    this.box = box;
    this.tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
    this.photoOf = photoOf;
    this.stamp = stamp;
  }

  /** {@return the id, unique within the index} */
  public String id() {
    return id;
  }

  /** {@return whose face it is, if known} */
  public Optional<String> person() {
    return Optional.ofNullable(person);
  }

  /** {@return where it comes from, such as a file name, if known} */
  public Optional<String> source() {
    return Optional.ofNullable(source);
  }

  /** {@return where it is in the source, in pixels, if known} */
  public Optional<BoundingBox> box() {
    return Optional.ofNullable(box);
  }

  /** {@return the values of the tags by name, for {@link FaceFilter}} */
  public Map<String, TagValue> tags() {
    return tags;
  }

  /** {@return whose photo the face is in, if known: not every face in a photo of Ann is Ann's} */
  public Optional<String> photoOf() {
    return Optional.ofNullable(photoOf);
  }

  /** {@return what the photo's file was like, if the face is from a file} */
  public Optional<FileStamp> stamp() {
    return Optional.ofNullable(stamp);
  }

  /**
   * Creates a record without information about the photo's file.
   *
   * @param id unique within the index, not empty
   * @param person whose face it is; null if unknown
   * @param source where it comes from; null if unknown
   * @param box where it is in the source, in pixels; null if unknown
   * @param tags the tags; names must not be empty
   */
  public FaceRecord(
      String id,
      @Nullable String person,
      @Nullable String source,
      @Nullable BoundingBox box,
      Map<String, TagValue> tags) {
    this(id, person, source, box, tags, null, null);
  }

  /**
   * Creates a record without tags.
   *
   * @param id unique within the index, not empty
   * @param person whose face it is; null if unknown
   * @param source where it comes from; null if unknown
   * @param box where it is in the source, in pixels; null if unknown
   */
  public FaceRecord(
      String id, @Nullable String person, @Nullable String source, @Nullable BoundingBox box) {
    this(id, person, source, box, Map.of());
  }

  /**
   * Creates a record with an id alone.
   *
   * @param id unique within the index, not empty
   * @return the record
   */
  public static FaceRecord of(String id) {
    return new FaceRecord(id, null, null, null);
  }

  /**
   * Creates a record of a person's face.
   *
   * @param id unique within the index, not empty
   * @param person whose face it is
   * @return the record
   */
  public static FaceRecord of(String id, String person) {
    return new FaceRecord(id, Objects.requireNonNull(person, "person"), null, null);
  }

  /**
   * Returns a copy with another person.
   *
   * @param newPerson whose face it is
   * @return a copy
   */
  public FaceRecord withPerson(String newPerson) {
    return renamed(Objects.requireNonNull(newPerson, "newPerson"));
  }

  /** A copy with another person; null for none. */
  FaceRecord renamed(@Nullable String newPerson) {
    return new FaceRecord(id, newPerson, source, box, tags, photoOf, stamp);
  }

  /** A copy in a photo of another person. */
  FaceRecord ofPhotoOf(@Nullable String newPhotoOf) {
    return new FaceRecord(id, person, source, box, tags, newPhotoOf, stamp);
  }

  /** A copy for a photo that has a new name or was read again. */
  FaceRecord inPhoto(
      String newId, String newSource, @Nullable String newPhotoOf, @Nullable FileStamp newStamp) {
    return new FaceRecord(newId, person, newSource, box, tags, newPhotoOf, newStamp);
  }

  /**
   * Returns whether forgetting a person removes this face: it has that name, or it has none and is
   * in a photo of that person, so it may be that person.
   *
   * @param name of the person
   * @return true if the face must go
   */
  public boolean concerns(String name) {
    return name.equals(person == null ? photoOf : person);
  }

  /**
   * Returns a copy with a tag, in place of any value that it had.
   *
   * @param name not empty
   * @param value the value
   * @return a copy
   */
  public FaceRecord withTag(String name, TagValue value) {
    Map<String, TagValue> more = new TreeMap<>(tags);
    more.put(name, value);
    return new FaceRecord(id, person, source, box, more, photoOf, stamp);
  }

  /**
   * Returns a copy with a tag, in place of any value that it had.
   *
   * @param name not empty
   * @param value the value
   * @return a copy
   */
  public FaceRecord withTag(String name, String value) {
    return withTag(name, TagValue.of(value));
  }

  /**
   * Returns a copy with a tag, in place of any value that it had.
   *
   * @param name not empty
   * @param value finite
   * @return a copy
   */
  public FaceRecord withTag(String name, double value) {
    return withTag(name, TagValue.of(value));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FaceRecord that
        && id.equals(that.id)
        && Objects.equals(person, that.person)
        && Objects.equals(source, that.source)
        && Objects.equals(box, that.box)
        && tags.equals(that.tags)
        && Objects.equals(photoOf, that.photoOf)
        && Objects.equals(stamp, that.stamp);
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, person, source, box, tags, photoOf, stamp);
  }

  @Override
  public String toString() {
    return "FaceRecord["
        + "id="
        + id
        + ", "
        + "person="
        + person
        + ", "
        + "source="
        + source
        + ", "
        + "box="
        + box
        + ", "
        + "tags="
        + tags
        + ", "
        + "photoOf="
        + photoOf
        + ", "
        + "stamp="
        + stamp
        + "]";
  }
}
