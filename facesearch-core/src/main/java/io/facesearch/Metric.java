package io.facesearch;

/** How an index compares two vectors. */
public enum Metric {
  /** Euclidean (L2) distance: ‖x − y‖, 0 or more. The metric of the bundled models. */
  EUCLIDEAN,

  /**
   * Cosine distance: 1 − cos(x, y), from 0 to 2. An index stores only the direction of each vector,
   * x / ‖x‖ as floats, and computes ½·‖x/‖x‖ − y/‖y‖‖², which is the same number.
   */
  COSINE;

  /**
   * Converts a distance of two unit vectors in this metric to their L2 distance, which is what
   * identification uses. For Euclidean distances of other vectors the result is not that of their
   * directions.
   *
   * @param distance in this metric, 0 or more
   * @return L2 distance
   */
  public double ofUnitVectors(double distance) {
    return this == COSINE ? Math.sqrt(2 * distance) : distance;
  }
}
