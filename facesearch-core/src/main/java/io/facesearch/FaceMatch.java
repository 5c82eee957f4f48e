package io.facesearch;

import java.util.Objects;

/**
 * One match of a search. Immutable and thread-safe.
 *
 * @param face the face of the gallery
 * @param distance between the two embeddings, in the metric of the index: Euclidean (L2) unless the
 *     index was made for another. 0 or more; smaller means more similar
 */
public record FaceMatch(FaceRecord face, double distance) {

  /** Checks that the distance is a number, 0 or more. */
  public FaceMatch {
    Objects.requireNonNull(face, "face");
    if (!(distance >= 0)) {
      throw new IllegalArgumentException("a distance must be 0 or more, but is: " + distance);
    }
  }
}
