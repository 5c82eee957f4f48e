package io.facesearch;

import java.util.Objects;

/**
 * A face found in a photo. Immutable and thread-safe.
 *
 * @param box where it is, in pixels of the photo
 * @param score how sure the detector is; higher is surer. Scores of different detectors are on
 *     different scales and are no probabilities
 * @param landmarks 68 or 5 points, or {@link Landmarks#NONE}
 */
public record DetectedFace(BoundingBox box, double score, Landmarks landmarks) {

  /** Checks that nothing is missing. */
  public DetectedFace {
    Objects.requireNonNull(box, "box");
    Objects.requireNonNull(landmarks, "landmarks");
    if (Double.isNaN(score)) {
      throw new IllegalArgumentException("the score of a face must be a number, but is NaN");
    }
  }

  /**
   * The same face with other landmarks.
   *
   * @param newLandmarks the landmarks to carry
   * @return a copy
   */
  public DetectedFace withLandmarks(Landmarks newLandmarks) {
    return new DetectedFace(box, score, newLandmarks);
  }
}
