package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.Kernel;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import org.jspecify.annotations.Nullable;

/**
 * A built tree: the vectors in leaf order, and the nodes in flat arrays. Immutable.
 *
 * <p>Node i has the weights {@code weights[i·d .. i·d + d)} and the threshold {@code
 * thresholds[i]}; a vector goes right by {@link SigmoidRule}. A child that is not negative is an
 * inner node; a negative child c is leaf {@code ~c}, which holds the rows from {@code
 * leafStarts[~c]} to {@code leafStarts[~c + 1]}.
 *
 * <p><b>Lower bounds.</b> Each child keeps the interval of its projections W·x. A query whose
 * projection p lies outside it by a gap g is at least g / ‖W‖ away from every vector below (the
 * hyperplane bound |p − τ| / ‖W‖ is the weaker case in which the interval reaches the plane). The
 * planes of a path are not orthogonal, so their bounds must not be added: the bound of a subtree is
 * the greatest of its path.
 *
 * <p><b>Rounding.</b> With u = 2^-53, a projection errs by at most (d + 1)·u·‖W‖·‖x‖, so the
 * difference of two, and the two roundings of norm and quotient, are covered by taking (d +
 * 16)·2^-51·(‖q‖ + max‖x‖) off g / ‖W‖. A squared distance errs by at most (d + 2)·u relatively,
 * and the square of the bound by less, so the square is shrunk by (d + 16)·2^-50. What remains is
 * never above the squared distance that the kernel computes. {@link TreeSearch} applies both.
 */
public final class SplitTree {
  /** Smaller trees are searched exactly in no time. */
  private static final int LEAST_FOR_NEIGHBORS = 4096;

  final int dimension;
  final TreeRows rows;

  /** From row to ordinal, the place in order of insertion. */
  final int[] ordinals;

  final double[] thresholds;
  final double[] weights;
  final double[] offsets;
  final double[] norms;
  final int[] children;

  /** Smallest and greatest projection of the left child, then of the right one; 4 a node. */
  final double[] intervals;

  final int[] leafStarts;

  /** The first leaf below each inner node: nodes are numbered top down, leaves left to right. */
  private final int[] firstLeaves;

  final int root;
  final double greatestNorm;

  /** From ordinal to row. */
  private final int[] rowOf;

  /** Lower bounds of distances; null where the tree does without. */
  public final @Nullable QuantizedVectors codes;

  /** Null where there are no codes, or codes of all dimensions, of which all are read. */
  final @Nullable BlockCentroids means;

  /** Null where the tree allows no approximate searches. */
  public final @Nullable KnnGraph neighbors;

  /** Null where there are no neighbors. */
  final @Nullable RecallCalibration calibration;

  final SearcherPool searchers = new SearcherPool(this);

  public SplitTree(TreeBuilder built) {
    dimension = built.dimension;
    rows = new TreeRows(built.rows, built.dimension);
    ordinals = built.ordinals;
    weights = built.weights;
    thresholds = built.thresholds;
    offsets = built.offsets;
    norms = built.norms;
    children = built.children;
    intervals = built.intervals;
    firstLeaves = built.firstLeaves;
    leafStarts = built.leafStarts;
    root = built.root;
    rowOf = new int[ordinals.length];
    double[] origin = new double[dimension];
    double greatest = 0;
    for (int row = 0; row < ordinals.length; row++) {
      rowOf[ordinals[row]] = row;
      greatest =
          Math.max(
              greatest,
              Kernel.squaredDistance(
                  origin, built.rows, row * dimension, Double.POSITIVE_INFINITY));
    }
    greatestNorm = Math.sqrt(greatest);
    codes = built.codeUse.codes(this);
    means = codes == null || codes.isWhole ? null : new BlockCentroids(this);
    neighbors = built.approximate && canHaveNeighbors() ? new KnnGraph(this) : null;
    calibration = neighbors == null ? null : new RecallCalibration(this);
  }

  /** The same tree with neighbors that were found for it. */
  private SplitTree(SplitTree tree, KnnGraph found) {
    dimension = tree.dimension;
    rows = tree.rows;
    ordinals = tree.ordinals;
    weights = tree.weights;
    thresholds = tree.thresholds;
    offsets = tree.offsets;
    norms = tree.norms;
    children = tree.children;
    intervals = tree.intervals;
    firstLeaves = tree.firstLeaves;
    leafStarts = tree.leafStarts;
    root = tree.root;
    rowOf = tree.rowOf;
    greatestNorm = tree.greatestNorm;
    codes = tree.codes;
    means = tree.means;
    neighbors = found;
    calibration = new RecallCalibration(this);
  }

  /** A tree that was stored and checked. */
  public SplitTree(StoredTree stored) {
    dimension = stored.dimension;
    rows = stored.rows;
    ordinals = stored.ordinals;
    weights = stored.weights;
    thresholds = stored.thresholds;
    offsets = stored.offsets;
    norms = stored.norms;
    children = stored.children;
    intervals = stored.intervals;
    firstLeaves = stored.firstLeaves;
    leafStarts = stored.leafStarts;
    root = stored.root;
    rowOf = stored.rowOf;
    greatestNorm = stored.greatestNorm;
    codes = stored.codes;
    means = stored.means == null ? null : new BlockCentroids(this, stored.means);
    neighbors = stored.neighbors == null ? null : new KnnGraph(this, stored.neighbors);
    calibration = neighbors == null ? null : new RecallCalibration(stored.calibration);
  }

  private boolean canHaveNeighbors() {
    return means != null && size() >= LEAST_FOR_NEIGHBORS;
  }

  /** Whether approximate searches take the neighbors that it does not have. */
  boolean lacksNeighbors() {
    return neighbors == null && canHaveNeighbors();
  }

  /**
   * The same tree with neighbors, which take most of the time that building takes.
   *
   * @return null if it was given up
   */
  @Nullable SplitTree withNeighbors(Pace pace) {
    KnnGraph found = KnnGraph.of(this, pace);
    return found == null ? null : new SplitTree(this, found);
  }

  public int size() {
    return ordinals.length;
  }

  int leafCount() {
    return leafStarts.length - 1;
  }

  /** Memory in bytes, without object headers. */
  long bytes() {
    return rows.bytes()
        + 4L * (ordinals.length + rowOf.length + leafStarts.length)
        + 8L * weights.length
        + (8L * 7 + 4 * 3) * thresholds.length
        + (codes == null ? 0 : codes.bytes() + (means == null ? 0 : means.bytes()))
        + (neighbors == null ? 0 : neighbors.bytes());
  }

  /** Lets go of the file that vectors are mapped from; those that are in memory stay. */
  void close() {
    rows.close();
    if (neighbors != null) {
      neighbors.lists.close();
    }
  }

  /** What is mapped, in bytes. */
  long mappedBytes() {
    return rows.mappedBytes() + (neighbors == null ? 0 : neighbors.lists.mappedBytes());
  }

  /** The first leaf below a node, or the leaf itself. */
  int firstLeaf(int node) {
    return node < 0 ? ~node : firstLeaves[node];
  }

  int leafSize(int leaf) {
    return leafStarts[leaf + 1] - leafStarts[leaf];
  }

  /** The row of an ordinal. */
  int row(int ordinal) {
    return rowOf[ordinal];
  }

  /** A copy of the vector with an ordinal. */
  float[] get(int ordinal) {
    return rows.get(rowOf[ordinal]);
  }

  /**
   * Lower bound of the distance between a query and any vector below one child of a node, before
   * rounding is taken into account.
   */
  double bound(double projection, int node, int side) {
    double below = intervals[4 * node + 2 * side] - projection;
    double above = projection - intervals[4 * node + 2 * side + 1];
    return Math.max(below, above) / norms[node];
  }
}
