package io.facesearch;

/** How an index compares two vectors. */
public enum Metric {
  /** Euclidean (L2) distance: ‖x − y‖, 0 or more. The metric of the bundled models. */
  EUCLIDEAN,

  /**
   * Cosine distance: 1 − cos(x, y), from 0 to 2. An index keeps the direction of each vector only,
   * x / ‖x‖ as floats, and computes ½·‖x/‖x‖ − y/‖y‖‖², which is the same number.
   */
  COSINE;

  /**
   * The L2 distance of two unit vectors, by which people are decided, from their distance in this
   * metric. Vectors that are no unit vectors have another L2 distance than their directions.
   *
   * @param distance in this metric, 0 or more
   * @return L2 distance
   */
  public double ofUnitVectors(double distance) {
    return this == COSINE ? Math.sqrt(2 * distance) : distance;
  }
}
