package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.BoundKernel;
import io.facesearch.index.internal.quantize.Kernel;
import io.facesearch.index.internal.snapshot.TopK;
import java.util.Arrays;

/**
 * One search at a time in a {@link SplitTree}; keeps its memory for the next one. Not thread-safe.
 *
 * <p>It has two parts. First it goes down to a leaf by the rule, then again and again from the
 * subtree with the smallest lower bound, until no subtree can hold anything nearer: where bounds
 * exclude much, that visits the fewest leaves. If there is still something left after {@link
 * #LEAVES_BY_BOUND} leaves, bounds exclude little, but the nearest faces so far are nearly final:
 * the rest is then visited in the order in which it lies in memory, which makes the leaves that
 * must be scanned about as cheap as in a flat scan.
 */
public final class TreeSearch {
  private static final int LEAVES_BY_BOUND = 32;

  private final SplitTree tree;
  private final TreeRows.Reader rows;
  private final BoundKernel kernel;
  private final NodeQueue queue = new NodeQueue();
  private double[] query = {};
  private TopK nearest = new TopK(0);

  /** What rounding may add to a bound, and to its square; see {@link SplitTree}. */
  private double error;

  private final double shrink;
  private int leaves;

  /** The bound of the leaf that was reached last. */
  private double leafBound;

  TreeSearch(SplitTree tree, BoundKernel kernel) {
    this.tree = tree;
    this.kernel = kernel;
    rows = tree.rows.new Reader();
    shrink = 1 - (tree.dimension + 16) * 0x1p-50;
  }

  /** Begins a search. */
  void begin(double[] newQuery, TopK newNearest) {
    query = newQuery;
    nearest = newNearest;
    double norm = Math.sqrt(Kernel.dot(query, 0, query));
    error = (tree.dimension + 16) * 0x1p-51 * (norm + tree.greatestNorm);
    leaves = 0;
    queue.clear();
    queue.add(0, tree.root);
  }

  /**
   * Puts the nearest vectors of the tree into the heap.
   *
   * @return the number of leaves scanned
   */
  int run() {
    if (!finishedByBound()) {
      visitRest();
    }
    return leaves;
  }

  /** How many leaves were scanned. */
  int leaves() {
    return leaves;
  }

  /** The first part; true if it was enough. */
  boolean finishedByBound() {
    while (leaves < LEAVES_BY_BOUND) {
      int leaf = nextLeaf();
      if (leaf < 0) {
        return true;
      }
      scan(leaf, leafBound);
    }
    return queue.size() == 0 || queue.bound(0) > nearest.squaredLimit();
  }

  /** The most promising leaf not reached yet, or -1 if none can hold anything nearer. */
  int nextLeaf() {
    if (queue.size() == 0 || queue.bound(0) > nearest.squaredLimit()) {
      return -1;
    }
    double bound = queue.bound(0);
    return descend(queue.remove(), bound);
  }

  /** Goes down to one leaf by the rule and puts off the other sides. */
  private int descend(int from, double fromBound) {
    int node = from;
    double bound = fromBound;
    while (node >= 0) {
      double projection = kernel.dot(tree.weights, node * tree.dimension, query);
      int near = SigmoidRule.goesRight(projection, tree.offsets[node]) ? 1 : 0;
      double farBound = Math.max(bound, squaredBound(projection, node, 1 - near));
      if (farBound <= nearest.squaredLimit()) {
        queue.add(farBound, tree.children[2 * node + 1 - near]);
      }
      bound = Math.max(bound, squaredBound(projection, node, near));
      node = tree.children[2 * node + near];
    }
    leafBound = bound;
    return ~node;
  }

  private void visitRest() {
    long[] byPlace = new long[queue.size()];
    for (int i = 0; i < byPlace.length; i++) {
      byPlace[i] = ((long) tree.firstLeaf(queue.node(i)) << 32) | i;
    }
    Arrays.sort(byPlace);
    for (long place : byPlace) {
      visit(queue.node((int) place), queue.bound((int) place));
    }
  }

  private void visit(int node, double bound) {
    if (node < 0) {
      scan(~node, bound);
    } else if (bound <= nearest.squaredLimit()) {
      double projection = kernel.dot(tree.weights, node * tree.dimension, query);
      int left = tree.children[2 * node];
      int right = tree.children[2 * node + 1];
      visit(left, Math.max(bound, squaredBound(projection, node, 0)));
      visit(right, Math.max(bound, squaredBound(projection, node, 1)));
    }
  }

  private void scan(int leaf, double bound) {
    if (bound <= nearest.squaredLimit()) {
      int from = tree.leafStarts[leaf];
      int count = tree.leafSize(leaf);
      float[] array = tree.rows.array;
      if (array != null) {
        nearest.scan(query, array, from, count, tree.ordinals);
      } else {
        scanMapped(from, from + count);
      }
      leaves++;
    }
  }

  private void scanMapped(int from, int to) {
    for (int row = from; row < to; row++) {
      if (nearest.accepts(tree.ordinals[row])) {
        rows.take(row);
        nearest.compare(query, rows.values(), rows.offset(0), tree.ordinals[row]);
      }
    }
  }

  private double squaredBound(double projection, int node, int side) {
    double bound = tree.bound(projection, node, side) - error;
    return bound > 0 ? bound * bound * shrink : 0;
  }
}
