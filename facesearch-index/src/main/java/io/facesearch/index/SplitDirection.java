package io.facesearch.index;

import java.util.Arrays;

/**
 * Finds the direction along which a range of rows is split. Unit vectors; components too small to
 * matter are 0, so that scaling by powers of two is exact. Deterministic. Not thread-safe.
 */
final class SplitDirection {
  private static final int SAMPLE = 128;
  private static final int ITERATIONS = 3;
  private static final double NEGLIGIBLE = 1e-100;

  private final float[] rows;
  private final int dimension;
  private final double[] mean;

  SplitDirection(float[] rows, int dimension) {
    this.rows = rows;
    this.dimension = dimension;
    mean = new double[dimension];
  }

  /**
   * Roughly the direction of greatest variance: power iteration on the covariance of an evenly
   * spaced sample, from the difference of two far points. O(sample · d).
   *
   * @return null if all rows of the sample are equal
   */
  double[] principal(int from, int to) {
    int count = to - from;
    int sample = Math.min(count, SAMPLE);
    Arrays.fill(mean, 0);
    for (int i = 0; i < sample; i++) {
      int offset = sampleOffset(from, count, sample, i);
      for (int j = 0; j < dimension; j++) {
        mean[j] += rows[offset + j];
      }
    }
    for (int j = 0; j < dimension; j++) {
      mean[j] /= sample;
    }
    int a = farthest(mean, from, count, sample);
    double[] point = new double[dimension];
    for (int j = 0; j < dimension; j++) {
      point[j] = rows[a + j];
    }
    int b = farthest(point, from, count, sample);
    double[] direction = new double[dimension];
    for (int j = 0; j < dimension; j++) {
      direction[j] = rows[b + j] - point[j];
    }
    if (!normalise(direction)) {
      return null;
    }
    for (int round = 0; round < ITERATIONS; round++) {
      double[] next = new double[dimension];
      double centre = Kernel.dot(direction, 0, mean);
      for (int i = 0; i < sample; i++) {
        int offset = sampleOffset(from, count, sample, i);
        double weight = Kernel.dot(direction, rows, offset) - centre;
        for (int j = 0; j < dimension; j++) {
          next[j] += weight * (rows[offset + j] - mean[j]);
        }
      }
      if (!normalise(next)) {
        break;
      }
      direction = next;
    }
    return direction;
  }

  /**
   * The direction from the first row to the row farthest from it. O((to - from) · d).
   *
   * @return null if all rows are equal
   */
  double[] anyDifference(int from, int to) {
    double[] first = new double[dimension];
    for (int j = 0; j < dimension; j++) {
      first[j] = rows[from * dimension + j];
    }
    int far = farthest(first, from, to - from, to - from);
    double[] direction = new double[dimension];
    for (int j = 0; j < dimension; j++) {
      direction[j] = rows[far + j] - first[j];
    }
    return normalise(direction) ? direction : null;
  }

  private int farthest(double[] point, int from, int count, int sample) {
    int result = from * dimension;
    double greatest = -1;
    for (int i = 0; i < sample; i++) {
      int offset = sampleOffset(from, count, sample, i);
      double distance = Kernel.squaredDistance(point, rows, offset, Double.POSITIVE_INFINITY);
      if (distance > greatest) {
        greatest = distance;
        result = offset;
      }
    }
    return result;
  }

  private int sampleOffset(int from, int count, int sample, int i) {
    return (from + (int) ((long) i * count / sample)) * dimension;
  }

  private static boolean normalise(double[] vector) {
    double norm = Math.sqrt(Kernel.dot(vector, 0, vector));
    if (!(norm > 0)) {
      return false;
    }
    for (int j = 0; j < vector.length; j++) {
      vector[j] /= norm;
      if (Math.abs(vector[j]) < NEGLIGIBLE) {
        vector[j] = 0;
      }
    }
    return true;
  }
}
