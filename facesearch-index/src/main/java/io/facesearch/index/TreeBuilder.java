package io.facesearch.index;

import java.util.Arrays;

/**
 * Builds a {@link SplitTree} top down. It permutes the rows it is given into leaf order, in place.
 * Deterministic: the same rows and settings give the same tree.
 */
final class TreeBuilder {
  final int dimension;
  final float[] rows;
  final int[] ordinals;
  double[] weights;
  double[] thresholds;
  double[] offsets;
  double[] norms;
  int[] children;
  int[] firstLeaves;
  double[] intervals;
  int nodeCount;
  int[] leafStarts;
  int leafCount;
  int root;

  final CodeUse codeUse;
  private final int leafSize;
  private final int maxDepth;
  private final double[] projections;
  private final double[] sorted;
  private final float[] swap;
  private final SplitDirection direction;

  /** Takes over both arrays: row i holds the vector with ordinal {@code ordinals[i]}. */
  TreeBuilder(
      float[] rows, int[] ordinals, int dimension, int leafSize, int maxDepth, CodeUse codeUse) {
    this.codeUse = codeUse;
    this.rows = rows;
    this.ordinals = ordinals;
    this.dimension = dimension;
    this.leafSize = leafSize;
    this.maxDepth = maxDepth;
    projections = new double[ordinals.length];
    sorted = new double[ordinals.length];
    swap = new float[dimension];
    direction = new SplitDirection(rows, dimension);
    weights = new double[dimension];
    thresholds = new double[16];
    offsets = new double[16];
    norms = new double[16];
    children = new int[32];
    firstLeaves = new int[16];
    intervals = new double[64];
    leafStarts = new int[16];
  }

  SplitTree build() {
    root = build(0, ordinals.length, 0);
    leafStarts = Arrays.copyOf(leafStarts, leafCount + 1);
    leafStarts[leafCount] = ordinals.length;
    return new SplitTree(this);
  }

  private int build(int from, int to, int depth) {
    if (to - from <= leafSize || depth >= maxDepth) {
      return addLeaf(from);
    }
    int node = nodeCount;
    int middle = split(from, to, node);
    if (middle < 0) {
      return addLeaf(from);
    }
    nodeCount++;
    firstLeaves[node] = leafCount;
    int left = build(from, middle, depth + 1);
    int right = build(middle, to, depth + 1);
    children[2 * node] = left;
    children[2 * node + 1] = right;
    return node;
  }

  private int addLeaf(int from) {
    if (leafCount == leafStarts.length) {
      leafStarts = Arrays.copyOf(leafStarts, 2 * leafCount);
    }
    leafStarts[leafCount] = from;
    return ~leafCount++;
  }

  /**
   * Finds weights and threshold of a node and sorts its rows by them.
   *
   * @return the first row of the right side, or -1 if no plane parts the rows
   */
  private int split(int from, int to, int node) {
    double[] w = direction.principal(from, to);
    if (w != null) {
      int middle = split(from, to, node, w);
      if (middle >= 0) {
        return middle;
      }
    }
    w = direction.anyDifference(from, to);
    return w == null ? -1 : split(from, to, node, w);
  }

  private int split(int from, int to, int node, double[] w) {
    double peak = 0;
    for (int row = from; row < to; row++) {
      projections[row] = Kernel.dot(w, rows, row * dimension);
      peak = Math.max(peak, Math.abs(projections[row]));
    }
    System.arraycopy(projections, from, sorted, from, to - from);
    Arrays.sort(sorted, from, to);
    int cut = boundaryNearMedian(from, to);
    if (cut < 0) {
      return -1;
    }
    // A power of two keeps every bit, so the scaled projections are those of the scaled weights.
    int scale = scaleFor(peak);
    for (int i = 0; i < dimension; i++) {
      w[i] = Math.scalb(w[i], scale);
    }
    double below = Math.scalb(sorted[cut - 1], scale);
    double above = Math.scalb(sorted[cut], scale);
    double threshold = SigmoidRule.threshold(below + (above - below) / 2);
    double offset = SigmoidRule.offset(threshold);
    for (int row = from; row < to; row++) {
      projections[row] = Math.scalb(projections[row], scale);
    }
    int middle = partition(from, to, offset);
    if (middle == from || middle == to) {
      return -1; // the projections are so close that the rounding of the threshold covers them
    }
    store(node, w, threshold, offset);
    interval(from, middle, 4 * node);
    interval(middle, to, 4 * node + 2);
    return middle;
  }

  /** The power of two that brings the peak into (range / 2, range]. */
  private static int scaleFor(double peak) {
    int scale = Math.getExponent(SigmoidRule.OFFSET_RANGE) - Math.getExponent(peak);
    return Math.scalb(peak, scale) > SigmoidRule.OFFSET_RANGE ? scale - 1 : scale;
  }

  /** The place nearest to the median between two different projections, or -1 if all are equal. */
  private int boundaryNearMedian(int from, int to) {
    int median = from + (to - from) / 2;
    int up = median;
    while (up < to && sorted[up] == sorted[up - 1]) {
      up++;
    }
    int down = median;
    while (down > from && sorted[down] == sorted[down - 1]) {
      down--;
    }
    if (up < to && (down <= from || up - median <= median - down)) {
      return up;
    }
    return down > from ? down : -1;
  }

  private int partition(int from, int to, double offset) {
    int left = from;
    int right = to - 1;
    while (true) {
      while (left <= right && !SigmoidRule.goesRight(projections[left], offset)) {
        left++;
      }
      while (left <= right && SigmoidRule.goesRight(projections[right], offset)) {
        right--;
      }
      if (left > right) {
        return left;
      }
      swapRows(left, right);
    }
  }

  private void swapRows(int a, int b) {
    double projection = projections[a];
    projections[a] = projections[b];
    projections[b] = projection;
    int ordinal = ordinals[a];
    ordinals[a] = ordinals[b];
    ordinals[b] = ordinal;
    System.arraycopy(rows, a * dimension, swap, 0, dimension);
    System.arraycopy(rows, b * dimension, rows, a * dimension, dimension);
    System.arraycopy(swap, 0, rows, b * dimension, dimension);
  }

  private void store(int node, double[] w, double threshold, double offset) {
    if (node == thresholds.length) {
      thresholds = Arrays.copyOf(thresholds, 2 * node);
      offsets = Arrays.copyOf(offsets, 2 * node);
      norms = Arrays.copyOf(norms, 2 * node);
      children = Arrays.copyOf(children, 4 * node);
      firstLeaves = Arrays.copyOf(firstLeaves, 2 * node);
      intervals = Arrays.copyOf(intervals, 8 * node);
    }
    int needed = Math.multiplyExact(node + 1, dimension);
    if (needed > weights.length) {
      weights = Arrays.copyOf(weights, (int) Math.min(2L * needed, Integer.MAX_VALUE - 8));
    }
    System.arraycopy(w, 0, weights, node * dimension, dimension);
    thresholds[node] = threshold;
    offsets[node] = offset;
    norms[node] = Math.sqrt(Kernel.dot(w, 0, w));
  }

  private void interval(int from, int to, int at) {
    double low = projections[from];
    double high = low;
    for (int row = from + 1; row < to; row++) {
      low = Math.min(low, projections[row]);
      high = Math.max(high, projections[row]);
    }
    intervals[at] = low;
    intervals[at + 1] = high;
  }
}
