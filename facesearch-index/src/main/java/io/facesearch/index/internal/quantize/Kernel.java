package io.facesearch.index.internal.quantize;

/**
 * Arithmetic on rows of floats, in double precision: squares of floats neither overflow nor
 * underflow there, and the error of a sum over d dimensions is below (d + 2) · 2^-53 of the sum of
 * the absolute terms.
 *
 * <p>The order of summation is part of the contract, so that a vectorized kernel can give the same
 * bits: of the first ⌊d / 8⌋ · 8 dimensions, dimension i belongs to lane i mod 8, and those left
 * over belong to lane 0; each lane adds product by product (no fused multiply-add), and the lanes
 * are summed as ((0+4)+(2+6))+((1+5)+(3+7)).
 */
public final class Kernel {
  private static final int LANES = 8;

  /** After so many dimensions a distance is compared with its limit. */
  private static final int BLOCK = 32;

  private Kernel() {}

  /**
   * Squared Euclidean distance of a query to the row that starts at {@code offset}, if it is at
   * most {@code limit}; else this or any smaller value above {@code limit}, as soon as the first
   * dimensions show it: sums of squares only grow, also when they are rounded. Never overflows: the
   * terms are at most (2 · 3.4e38)².
   */
  public static double squaredDistance(double[] query, float[] rows, int offset, double limit) {
    double a0 = 0;
    double a1 = 0;
    double a2 = 0;
    double a3 = 0;
    double a4 = 0;
    double a5 = 0;
    double a6 = 0;
    double a7 = 0;
    int whole = query.length & -LANES;
    int i = 0;
    while (i < whole) {
      int end = Math.min(i + BLOCK, whole);
      for (; i < end; i += LANES) {
        int at = offset + i;
        double d0 = query[i] - rows[at];
        double d1 = query[i + 1] - rows[at + 1];
        double d2 = query[i + 2] - rows[at + 2];
        double d3 = query[i + 3] - rows[at + 3];
        double d4 = query[i + 4] - rows[at + 4];
        double d5 = query[i + 5] - rows[at + 5];
        double d6 = query[i + 6] - rows[at + 6];
        double d7 = query[i + 7] - rows[at + 7];
        a0 += d0 * d0;
        a1 += d1 * d1;
        a2 += d2 * d2;
        a3 += d3 * d3;
        a4 += d4 * d4;
        a5 += d5 * d5;
        a6 += d6 * d6;
        a7 += d7 * d7;
      }
      double partial = sum(a0, a1, a2, a3, a4, a5, a6, a7);
      if (partial > limit) {
        return partial;
      }
    }
    for (; i < query.length; i++) {
      double d = query[i] - rows[offset + i];
      a0 += d * d;
    }
    return sum(a0, a1, a2, a3, a4, a5, a6, a7);
  }

  /** Dot product of the weights that start at {@code weightOffset} and a query. */
  public static double dot(double[] weights, int weightOffset, double[] query) {
    double a0 = 0;
    double a1 = 0;
    double a2 = 0;
    double a3 = 0;
    double a4 = 0;
    double a5 = 0;
    double a6 = 0;
    double a7 = 0;
    int length = query.length;
    int whole = length & -LANES;
    for (int i = 0; i < whole; i += 8) {
      int at = weightOffset + i;
      a0 += weights[at] * query[i];
      a1 += weights[at + 1] * query[i + 1];
      a2 += weights[at + 2] * query[i + 2];
      a3 += weights[at + 3] * query[i + 3];
      a4 += weights[at + 4] * query[i + 4];
      a5 += weights[at + 5] * query[i + 5];
      a6 += weights[at + 6] * query[i + 6];
      a7 += weights[at + 7] * query[i + 7];
    }
    for (int i = whole; i < length; i++) {
      a0 += weights[weightOffset + i] * query[i];
    }
    return sum(a0, a1, a2, a3, a4, a5, a6, a7);
  }

  /** Dot product of {@code direction} and the row that starts at {@code offset}. */
  public static double dot(double[] direction, float[] rows, int offset) {
    double a0 = 0;
    double a1 = 0;
    double a2 = 0;
    double a3 = 0;
    double a4 = 0;
    double a5 = 0;
    double a6 = 0;
    double a7 = 0;
    int length = direction.length;
    int whole = length & -LANES;
    for (int i = 0; i < whole; i += 8) {
      int at = offset + i;
      a0 += direction[i] * rows[at];
      a1 += direction[i + 1] * rows[at + 1];
      a2 += direction[i + 2] * rows[at + 2];
      a3 += direction[i + 3] * rows[at + 3];
      a4 += direction[i + 4] * rows[at + 4];
      a5 += direction[i + 5] * rows[at + 5];
      a6 += direction[i + 6] * rows[at + 6];
      a7 += direction[i + 7] * rows[at + 7];
    }
    for (int i = whole; i < length; i++) {
      a0 += direction[i] * rows[offset + i];
    }
    return sum(a0, a1, a2, a3, a4, a5, a6, a7);
  }

  private static double sum(
      double a0, double a1, double a2, double a3, double a4, double a5, double a6, double a7) {
    return ((a0 + a4) + (a2 + a6)) + ((a1 + a5) + (a3 + a7));
  }
}
