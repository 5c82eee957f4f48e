package io.facesearch;

/** How an index compares two vectors. */
public enum Metric {
  /** Euclidean (L2) distance: ‖x − y‖, 0 or more. The metric of the bundled models. */
  EUCLIDEAN,

  /**
   * Cosine distance: 1 − cos(x, y), from 0 to 2. An index keeps the direction of each vector only,
   * x / ‖x‖ as floats, and computes ½·‖x/‖x‖ − y/‖y‖‖², which is the same number.
   */
  COSINE
}
