package io.facesearch;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What an index knows of a face beside its vector. Immutable and thread-safe.
 *
 * @param id unique within the index, not empty
 * @param person whose face it is, if known
 * @param source where it comes from, such as a file name, if known
 * @param box where it is in the source, pixels, if known
 * @param tags what else is known, for {@link FaceFilter}; names are not empty
 * @param photoOf whose photo the face is in, if that is known: not every face in a photo of Ann is
 *     Ann's
 * @param stamp what the photo's file was like, if the face is from a file
 */
public record FaceRecord(
    String id,
    Optional<String> person,
    Optional<String> source,
    Optional<BoundingBox> box,
    Map<String, TagValue> tags,
    Optional<String> photoOf,
    Optional<FileStamp> stamp) {

  /** Checks that the id and the names of tags are not empty, and copies the tags. */
  public FaceRecord {
    if (id.isEmpty()) {
      throw new IllegalArgumentException("the id of a face must not be empty");
    }
    Objects.requireNonNull(person, "person");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(box, "box");
    Objects.requireNonNull(photoOf, "photoOf");
    Objects.requireNonNull(stamp, "stamp");
    tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
    tags.forEach(
        (name, value) -> {
          Objects.requireNonNull(value, name);
          if (name.isEmpty()) {
            throw new IllegalArgumentException(
                "the name of a tag must not be empty, but face \"" + id + "\" has such a tag");
          }
        });
  }

  /**
   * A face of which nothing is known about the photo.
   *
   * @param id unique within the index, not empty
   * @param person whose face it is, if known
   * @param source where it comes from, if known
   * @param box where it is in the source, pixels, if known
   * @param tags what else is known; names are not empty
   */
  public FaceRecord(
      String id,
      Optional<String> person,
      Optional<String> source,
      Optional<BoundingBox> box,
      Map<String, TagValue> tags) {
    this(id, person, source, box, tags, Optional.empty(), Optional.empty());
  }

  /**
   * A face without tags.
   *
   * @param id unique within the index, not empty
   * @param person whose face it is, if known
   * @param source where it comes from, if known
   * @param box where it is in the source, pixels, if known
   */
  public FaceRecord(
      String id, Optional<String> person, Optional<String> source, Optional<BoundingBox> box) {
    this(id, person, source, box, Map.of());
  }

  /**
   * A face of which only the id is known.
   *
   * @param id unique within the index, not empty
   * @return the record
   */
  public static FaceRecord of(String id) {
    return new FaceRecord(id, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /**
   * A face of a known person.
   *
   * @param id unique within the index, not empty
   * @param person whose face it is
   * @return the record
   */
  public static FaceRecord of(String id, String person) {
    return new FaceRecord(id, Optional.of(person), Optional.empty(), Optional.empty());
  }

  /**
   * The same face of another person.
   *
   * @param newPerson whose face it is
   * @return a copy
   */
  public FaceRecord withPerson(String newPerson) {
    return withPerson(Optional.of(newPerson));
  }

  FaceRecord withPerson(Optional<String> newPerson) {
    return new FaceRecord(id, newPerson, source, box, tags, photoOf, stamp);
  }

  /** The same face in a photo of another person. */
  FaceRecord ofPhotoOf(Optional<String> newPhotoOf) {
    return new FaceRecord(id, person, source, box, tags, newPhotoOf, stamp);
  }

  /** The same face in a photo that is now called otherwise, or was read anew. */
  FaceRecord inPhoto(
      String newId, String newSource, Optional<String> newPhotoOf, Optional<FileStamp> newStamp) {
    return new FaceRecord(newId, person, Optional.of(newSource), box, tags, newPhotoOf, newStamp);
  }

  /**
   * Whether forgetting a person takes this face: it bears the name, or it is a face without a name
   * in a photo of that person, who may be the one.
   *
   * @param name of the person
   * @return true if so
   */
  public boolean concerns(String name) {
    return person.isPresent()
        ? person.get().equals(name)
        : photoOf.filter(name::equals).isPresent();
  }

  /**
   * The same face with one more tag, or another value of one.
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
   * The same face with one more tag, or another value of one.
   *
   * @param name not empty
   * @param value the value
   * @return a copy
   */
  public FaceRecord withTag(String name, String value) {
    return withTag(name, TagValue.of(value));
  }

  /**
   * The same face with one more tag, or another value of one.
   *
   * @param name not empty
   * @param value finite
   * @return a copy
   */
  public FaceRecord withTag(String name, double value) {
    return withTag(name, TagValue.of(value));
  }
}
