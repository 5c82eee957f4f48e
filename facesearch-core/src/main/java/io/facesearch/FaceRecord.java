package io.facesearch;

import java.util.Objects;
import java.util.Optional;

/**
 * What an index knows of a face beside its vector. Immutable and thread-safe.
 *
 * @param id unique within the index, not empty
 * @param person whose face it is, if known
 * @param source where it comes from, such as a file name, if known
 * @param box where it is in the source, pixels, if known
 */
public record FaceRecord(
    String id, Optional<String> person, Optional<String> source, Optional<BoundingBox> box) {

  /** Checks that the id is not empty. */
  public FaceRecord {
    if (id.isEmpty()) {
      throw new IllegalArgumentException("the id of a face must not be empty");
    }
    Objects.requireNonNull(person, "person");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(box, "box");
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
}
