package io.facesearch.train;

import java.io.IOException;

/**
 * What is to become small. Loss and gradient are computed here, in double; PyTorch carries the
 * gradient from the vectors back to the weights.
 */
interface Objective {
  /**
   * The outcome of one batch.
   *
   * @param loss the mean over what the objective counts
   * @param gradient of the loss by each value of the vectors
   * @param active share of triplets that have a loss; NaN where there are none
   * @param positive mean distance of pairs of one person, or to the teacher
   * @param negative mean distance of pairs of two people; NaN where there are none
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Outcome(double loss, float[] gradient, double active, double positive, double negative) {}

  Outcome evaluate(int[] images, float[] vectors, int dimension) throws IOException;

  /** The loss of vectors that are all equal; NaN if that is not where training may collapse to. */
  double collapsed();
}
