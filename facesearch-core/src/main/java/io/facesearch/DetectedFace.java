package io.facesearch;

import java.util.Objects;

/**
 * A face found in a photo. Immutable and thread-safe.
 *
 * @param box where it is, in pixels of the photo
 * @param score how sure the detector is; higher is surer. Scores of different detectors are on
 *     different scales and are no probabilities
 * @param landmarks 68 or 5 points, or {@link Landmarks#NONE}
 * @param turn by how many degrees the photo must be turned clockwise for the face to stand upright:
 *     0, or 90, 180 or 270 if the detector found it so
 */
public record DetectedFace(BoundingBox box, double score, Landmarks landmarks, int turn) {

  /** Checks that nothing is missing. */
  public DetectedFace {
    Objects.requireNonNull(box, "box");
    Objects.requireNonNull(landmarks, "landmarks");
    if (Double.isNaN(score)) {
      throw new IllegalArgumentException("the score of a face must be a number, but is NaN");
    }
    if (turn < 0 || turn >= 360 || turn % 90 != 0) {
      throw new IllegalArgumentException("turn must be 0, 90, 180 or 270, but is: " + turn);
    }
  }

  /**
   * A face that stands upright in the photo.
   *
   * @param box where it is, in pixels of the photo
   * @param score how sure the detector is
   * @param landmarks 68 or 5 points, or {@link Landmarks#NONE}
   */
  public DetectedFace(BoundingBox box, double score, Landmarks landmarks) {
    this(box, score, landmarks, 0);
  }

  /**
   * The same face with other landmarks.
   *
   * @param newLandmarks the landmarks to carry
   * @return a copy
   */
  public DetectedFace withLandmarks(Landmarks newLandmarks) {
    return new DetectedFace(box, score, newLandmarks, turn);
  }
}
