package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.BoundKernel;
import io.facesearch.index.internal.snapshot.TopK;

/** The vectors of a tree, and the nearest found of them. Not thread-safe. */
final class TreeCandidates extends Candidates {
  private final int[] ordinals;
  private final TreeRows.Reader reader;
  private final BoundKernel kernel;
  private final double[] query;
  private final TopK nearest;
  private final double[] squared = new double[MOST];

  /**
   * @param query and what was found so far, set by the caller for each search
   */
  TreeCandidates(SplitTree tree, BoundKernel kernel, double[] query, TopK nearest) {
    ordinals = tree.ordinals;
    reader = tree.rows.new Reader();
    this.kernel = kernel;
    this.query = query;
    this.nearest = nearest;
  }

  @Override
  public boolean accepts(int row) {
    return nearest.accepts(ordinals[row]);
  }

  /**
   * Distances are computed one behind the other, so that the processor fetches several vectors from
   * memory at the same time.
   */
  @Override
  public void compare(int[] rows, int count) {
    double most = nearest.squaredLimit();
    reader.takeAll(rows, count);
    for (int i = 0; i < count; i++) {
      squared[i] = reader.squaredDistance(kernel, query, i, most);
    }
    for (int i = 0; i < count; i++) {
      nearest.offerSquared(squared[i], ordinals[rows[i]]);
    }
  }

  @Override
  public double squaredLimit() {
    return nearest.squaredLimit();
  }

  @Override
  public int size() {
    return nearest.size();
  }

  @Override
  void lowerLimit(double limit) {
    nearest.lowerLimit(limit);
  }
}
