package io.facesearch.train;

/**
 * The mean binary cross-entropy of the attributes that are known, of values 2p - 1 for the
 * probability p.
 */
final class AttributeLoss implements Objective {
  /** Probabilities nearer to 0 or 1 count as this: a float tells no more. */
  private static final double LEAST = 1e-6;

  private final byte[][] labels;

  /**
   * Of some images.
   *
   * @param labels of each: 1 yes, -1 no, 0 not known
   */
  AttributeLoss(byte[][] labels) {
    this.labels = labels;
  }

  @Override
  public Outcome evaluate(int[] images, float[] vectors, int dimension) {
    long known = 0;
    for (int image : images) {
      for (byte label : labels[image]) {
        known += label == 0 ? 0 : 1;
      }
    }
    double scale = 1.0 / Math.max(1, known);
    float[] gradient = new float[vectors.length];
    double loss = 0;
    double distance = 0;
    for (int i = 0; i < images.length; i++) {
      double squares = 0;
      for (int j = 0; j < dimension; j++) {
        int label = labels[images[i]][j];
        if (label == 0) {
          continue;
        }
        double value = vectors[i * dimension + j];
        // Of the label that is right.
        double p = Math.max(LEAST, (1 + label * value) / 2);
        loss -= scale * Math.log(p);
        gradient[i * dimension + j] = (float) (-scale * label / (2 * p));
        squares += (value - label) * (value - label);
      }
      distance += Math.sqrt(squares) / images.length;
    }
    return new Outcome(loss, gradient, Double.NaN, distance, Double.NaN);
  }

  @Override
  public double collapsed() {
    return Double.NaN;
  }
}
