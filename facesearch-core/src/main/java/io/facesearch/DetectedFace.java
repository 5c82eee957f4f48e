package io.facesearch;

import java.util.Objects;

/**
 * A face that was found in a photo. Immutable and thread-safe.
 *
 * @param box where it is, in pixels of the photo
 * @param score the detector's confidence; higher is more confident. Scores are not probabilities,
 *     and scores of different detectors are not comparable
 * @param landmarks 68 or 5 points, or {@link Landmarks#NONE}
 * @param turn by how many degrees the photo must be turned clockwise for the face to be upright: 0,
 *     90, 180 or 270
 */
public record DetectedFace(BoundingBox box, double score, Landmarks landmarks, int turn) {

  /** Checks that no component is null. */
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
   * Creates a face that is upright in the photo.
   *
   * @param box where it is, in pixels of the photo
   * @param score the detector's confidence
   * @param landmarks 68 or 5 points, or {@link Landmarks#NONE}
   */
  public DetectedFace(BoundingBox box, double score, Landmarks landmarks) {
    this(box, score, landmarks, 0);
  }

  /**
   * Returns a copy with other landmarks.
   *
   * @param newLandmarks the landmarks
   * @return a copy
   */
  public DetectedFace withLandmarks(Landmarks newLandmarks) {
    return new DetectedFace(box, score, newLandmarks, turn);
  }
}
