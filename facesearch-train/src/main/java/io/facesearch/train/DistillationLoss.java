package io.facesearch.train;

/**
 * How far vectors are from the teacher's: the mean squared L2 distance, as a share of the teacher's
 * variance. 1 is what the mean of all vectors would get.
 */
final class DistillationLoss implements Objective {
  private final float[][] teacher;
  private final float[] mean;
  private final double variance;

  DistillationLoss(float[][] teacher) {
    this.teacher = teacher;
    int dimension = teacher[0].length;
    double[] sum = new double[dimension];
    for (float[] vector : teacher) {
      for (int d = 0; d < dimension; d++) {
        sum[d] += vector[d];
      }
    }
    mean = new float[dimension];
    for (int d = 0; d < dimension; d++) {
      mean[d] = (float) (sum[d] / teacher.length);
    }
    double squares = 0;
    for (float[] vector : teacher) {
      for (int d = 0; d < dimension; d++) {
        double x = (double) vector[d] - mean[d];
        squares += x * x;
      }
    }
    variance = squares / teacher.length;
    if (!(variance > 0)) {
      throw new IllegalArgumentException(
          "the teacher gives the same vector to all " + teacher.length + " images");
    }
  }

  float[] mean() {
    return mean;
  }

  @Override
  public Outcome evaluate(int[] images, float[] vectors, int dimension) {
    float[] gradient = new float[vectors.length];
    double loss = 0;
    double distance = 0;
    double scale = 1 / (variance * images.length);
    for (int i = 0; i < images.length; i++) {
      double sum = 0;
      float[] wanted = teacher[images[i]];
      for (int d = 0; d < dimension; d++) {
        double x = (double) vectors[i * dimension + d] - wanted[d];
        sum += x * x;
        gradient[i * dimension + d] = (float) (2 * scale * x);
      }
      loss += scale * sum;
      distance += Math.sqrt(sum) / images.length;
    }
    return new Outcome(loss, gradient, Double.NaN, distance, Double.NaN);
  }

  @Override
  public double collapsed() {
    return Double.NaN;
  }
}
