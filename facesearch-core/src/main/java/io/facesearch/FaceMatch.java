package io.facesearch;

import java.util.Objects;

/**
 * One hit of a search. Immutable and thread-safe.
 *
 * @param face the face of the gallery
 * @param distance of the two embeddings in the metric of the index, Euclidean (L2) unless it was
 *     made for another; 0 or more, smaller is more alike
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
