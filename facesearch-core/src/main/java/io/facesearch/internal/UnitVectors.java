package io.facesearch.internal;

import java.util.Arrays;
import java.util.List;

/** Vectors of length 1 and their means, by which people are compared. */
public final class UnitVectors {
  /** Of what has no direction: no threshold reaches so far. */
  private static final double FARTHEST = 2;

  private UnitVectors() {}

  /**
   * Divides a vector by its norm, in its place.
   *
   * @param vector changed; one of zeros stays as it is
   * @return the same array
   */
  public static float[] unit(float[] vector) {
    double norm = 0;
    for (float v : vector) {
      norm += (double) v * v;
    }
    if (norm > 0) {
      norm = Math.sqrt(norm);
      for (int i = 0; i < vector.length; i++) {
        vector[i] = (float) (vector[i] / norm);
      }
    }
    return vector;
  }

  /**
   * The mean of unit vectors, made a unit vector.
   *
   * @param vectors at least one
   * @return a new vector; of zeros where they are opposite, so that rounding makes no direction
   */
  public static float[] mean(List<float[]> vectors) {
    double[] sum = new double[vectors.get(0).length];
    for (float[] vector : vectors) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += vector[i];
      }
    }
    double length = 0;
    for (double v : sum) {
      length += v * v;
    }
    if (Math.sqrt(length) < 1e-4 * vectors.size()) {
      Arrays.fill(sum, 0);
    }
    float[] mean = new float[sum.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sum[i] / vectors.size());
    }
    return unit(mean);
  }

  /**
   * The L2 distance of unit vectors.
   *
   * @param a one
   * @param b another
   * @return 0 to 2; 2 for a vector of zeros, which is like nobody's
   */
  public static double distance(float[] a, float[] b) {
    double sum = 0;
    double normA = 0;
    double normB = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = (double) a[i] - b[i];
      sum += difference * difference;
      normA += (double) a[i] * a[i];
      normB += (double) b[i] * b[i];
    }
    return normA == 0 || normB == 0 ? FARTHEST : Math.min(FARTHEST, Math.sqrt(sum));
  }
}
