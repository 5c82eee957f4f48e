package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.Kernel;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.RecursiveTask;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link SplitTree} top down, on all cores. It permutes the rows it is given into leaf
 * order, in place. Deterministic: the same rows and settings give the same tree, on any number of
 * cores.
 */
public final class TreeBuilder {
  /** Smaller parts are built by one thread. */
  private static final int PARALLEL = 4096;

  final int dimension;
  final float[] rows;
  final int[] ordinals;
  double[] weights = {};
  double[] thresholds = {};
  double[] offsets = {};
  double[] norms = {};
  int[] children = {};
  int[] firstLeaves = {};
  double[] intervals = {};
  int[] leafStarts = {};
  int root;

  final CodeUse codeUse;
  final boolean approximate;
  private final SplitDirection direction;
  private final int leafSize;
  private final int maxDepth;
  private final double[] projections;
  private final double[] sorted;
  private int nodeCount;
  private int leafCount;

  /** A subtree before nodes are numbered; a leaf has no weights. */
  private static final class Part {
    final int from;
    double @Nullable [] weights;
    double threshold;
    double offset;
    final double[] intervals = new double[4];
    @Nullable Part left;
    @Nullable Part right;
    int nodes;
    int leaves = 1;

    Part(int from) {
      this.from = from;
    }
  }

  /** Takes over both arrays: row i holds the vector with ordinal {@code ordinals[i]}. */
  TreeBuilder(
      float[] rows,
      int[] ordinals,
      int dimension,
      int leafSize,
      int maxDepth,
      SplitDirection direction,
      CodeUse codeUse,
      boolean approximate) {
    this.rows = rows;
    this.ordinals = ordinals;
    this.dimension = dimension;
    this.leafSize = leafSize;
    this.maxDepth = maxDepth;
    this.direction = direction;
    this.codeUse = codeUse;
    this.approximate = approximate;
    projections = new double[ordinals.length];
    sorted = new double[ordinals.length];
  }

  SplitTree build() {
    Part all = part(0, ordinals.length, 0);
    int nodes = all.nodes;
    weights = new double[Math.multiplyExact(nodes, dimension)];
    thresholds = new double[nodes];
    offsets = new double[nodes];
    norms = new double[nodes];
    children = new int[2 * nodes];
    firstLeaves = new int[nodes];
    intervals = new double[4 * nodes];
    leafStarts = new int[all.leaves + 1];
    root = store(all);
    leafStarts[leafCount] = ordinals.length;
    return new SplitTree(this);
  }

  /** Numbers the nodes of a subtree top down, its leaves left to right. */
  private int store(Part part) {
    if (part.weights == null) {
      leafStarts[leafCount] = part.from;
      return ~leafCount++;
    }
    int node = nodeCount++;
    System.arraycopy(part.weights, 0, weights, node * dimension, dimension);
    System.arraycopy(part.intervals, 0, intervals, 4 * node, 4);
    thresholds[node] = part.threshold;
    offsets[node] = part.offset;
    norms[node] = Math.sqrt(Kernel.dot(part.weights, 0, part.weights));
    firstLeaves[node] = leafCount;
    children[2 * node] = store(Objects.requireNonNull(part.left));
    children[2 * node + 1] = store(Objects.requireNonNull(part.right));
    return node;
  }

  private Part part(int from, int to, int depth) {
    Part part = new Part(from);
    if (to - from <= leafSize || depth >= maxDepth) {
      return part;
    }
    int middle = split(from, to, part);
    if (middle < 0) {
      return part;
    }
    if (to - from > PARALLEL) {
      RecursiveTask<Part> left =
          new RecursiveTask<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected Part compute() {
              return part(from, middle, depth + 1);
            }
          };
      left.fork();
      part.right = part(middle, to, depth + 1);
      part.left = left.join();
    } else {
      part.left = part(from, middle, depth + 1);
      part.right = part(middle, to, depth + 1);
    }
    part.nodes = 1 + part.left.nodes + part.right.nodes;
    part.leaves = part.left.leaves + part.right.leaves;
    return part;
  }

  /**
   * Finds weights and threshold of a node and sorts its rows by them.
   *
   * @return the first row of the right side, or -1 if no plane parts the rows
   */
  private int split(int from, int to, Part part) {
    double[] w = direction.find(rows, dimension, from, to);
    if (w != null) {
      int middle = split(from, to, part, w);
      if (middle >= 0) {
        return middle;
      }
    }
    w = SplitDirection.ANY_DIFFERENCE.find(rows, dimension, from, to);
    return w == null ? -1 : split(from, to, part, w);
  }

  private int split(int from, int to, Part part, double[] w) {
    project(from, to, w);
    double peak = 0;
    for (int row = from; row < to; row++) {
      peak = Math.max(peak, Math.abs(projections[row]));
    }
    System.arraycopy(projections, from, sorted, from, to - from);
    if (to - from > PARALLEL) {
      Arrays.parallelSort(sorted, from, to);
    } else {
      Arrays.sort(sorted, from, to);
    }
    int cut = boundaryNear(middle(from, to), from, to);
    if (cut < 0) {
      return -1;
    }
    // A power of two keeps every bit, so the scaled projections are those of the scaled weights.
    int scale = scaleFor(peak);
    double factor = Math.scalb(1.0, scale);
    for (int i = 0; i < dimension; i++) {
      w[i] = Math.scalb(w[i], scale);
    }
    double below = Math.scalb(sorted[cut - 1], scale);
    double above = Math.scalb(sorted[cut], scale);
    double threshold = SigmoidRule.threshold(below + (above - below) / 2);
    double offset = SigmoidRule.offset(threshold);
    for (int row = from; row < to; row++) {
      projections[row] *= factor;
    }
    int middle = partition(from, to, offset);
    if (middle == from || middle == to) {
      return -1; // the projections are so close that the rounding of the threshold covers them
    }
    part.weights = w;
    part.threshold = threshold;
    part.offset = offset;
    interval(from, middle, part.intervals, 0);
    interval(middle, to, part.intervals, 2);
    return middle;
  }

  private void project(int from, int to, double[] w) {
    if (to - from > PARALLEL) {
      int parts = (to - from + PARALLEL - 1) / PARALLEL;
      IntStream.range(0, parts)
          .parallel()
          .forEach(
              i -> {
                int start = from + i * PARALLEL;
                projectPart(start, Math.min(to, start + PARALLEL), w);
              });
    } else {
      projectPart(from, to, w);
    }
  }

  private void projectPart(int from, int to, double[] w) {
    for (int row = from; row < to; row++) {
      projections[row] = Kernel.dot(w, rows, row * dimension);
    }
  }

  /** The power of two that brings the peak into (range / 2, range]. */
  private static int scaleFor(double peak) {
    int scale = Math.getExponent(SigmoidRule.OFFSET_RANGE) - Math.getExponent(peak);
    return Math.scalb(peak, scale) > SigmoidRule.OFFSET_RANGE ? scale - 1 : scale;
  }

  /**
   * The median, but moved so that the left side fills its leaves: then nearly all leaves are full,
   * and start where a block of codes starts.
   */
  private int middle(int from, int to) {
    int half = (to - from) / 2;
    int full = (half + leafSize / 2) / leafSize * leafSize;
    return from + (full > 0 && full < to - from ? full : half);
  }

  /** The place nearest to another between two different projections, or -1 if all are equal. */
  private int boundaryNear(int place, int from, int to) {
    int up = place;
    while (up < to && sorted[up] == sorted[up - 1]) {
      up++;
    }
    int down = place;
    while (down > from && sorted[down] == sorted[down - 1]) {
      down--;
    }
    if (up < to && (down <= from || up - place <= place - down)) {
      return up;
    }
    return down > from ? down : -1;
  }

  private int partition(int from, int to, double offset) {
    float[] swap = new float[dimension];
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
      swapRows(left, right, swap);
    }
  }

  private void swapRows(int a, int b, float[] swap) {
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

  private void interval(int from, int to, double[] target, int at) {
    double low = projections[from];
    double high = low;
    for (int row = from + 1; row < to; row++) {
      low = Math.min(low, projections[row]);
      high = Math.max(high, projections[row]);
    }
    target[at] = low;
    target[at + 1] = high;
  }
}
