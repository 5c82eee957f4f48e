package io.facesearch.train;

/**
 * The figures of one training step. Immutable and thread-safe.
 *
 * @param step number of the step, from 0
 * @param loss mean over the batch
 * @param active share of triplets whose loss is not 0; NaN except with triplets
 * @param positive mean distance of anchors and positives, or to the teacher
 * @param negative mean distance of anchors and negatives; NaN except with triplets
 * @param variance of the vectors of the batch, summed over the dimensions
 * @param gradientNorm global L2 norm of the gradient, before clipping
 * @param learningRate of this step
 * @param imagesPerSecond speed of this step
 * @param seconds since the run began, or was last resumed
 * @param score share of validation images whose nearest other image is of the same person, or share
 *     of their attributes that are predicted correctly; NaN if there was no validation in this step
 */
public record StepReport(
    long step,
    double loss,
    double active,
    double positive,
    double negative,
    double variance,
    double gradientNorm,
    double learningRate,
    double imagesPerSecond,
    double seconds,
    double score) {
  static final String HEADER =
      "step,loss,active,positive,negative,variance,gradient_norm,learning_rate,images_per_second,"
          + "seconds,validation_score";

  StepReport withScore(double value) {
    return new StepReport(
        step,
        loss,
        active,
        positive,
        negative,
        variance,
        gradientNorm,
        learningRate,
        imagesPerSecond,
        seconds,
        value);
  }

  String csv() {
    StringBuilder line = new StringBuilder().append(step);
    double[] values = {
      loss,
      active,
      positive,
      negative,
      variance,
      gradientNorm,
      learningRate,
      imagesPerSecond,
      seconds,
      score
    };
    for (double value : values) {
      line.append(',');
      if (!Double.isNaN(value)) {
        line.append((float) value);
      }
    }
    return line.toString();
  }
}
