package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.PlainKernel;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import io.facesearch.index.internal.snapshot.TopK;

/** Finds out how well a tree does without {@link QuantizedVectors}. */
public final class TreeTrial {
  /** Below this size a scan is as fast as anything. */
  private static final int SMALL = 1024;

  private static final int QUERIES = 16;
  private static final int K = 10;

  private TreeTrial() {}

  /**
   * Whether the bounds of the nodes are enough: for most of a few vectors, searched for in their
   * own tree, only few leaves must be visited. O(d) a query.
   */
  static boolean excludesEnough(SplitTree tree) {
    if (tree.size() < SMALL) {
      return true;
    }
    TreeSearch search = new TreeSearch(tree, PlainKernel.INSTANCE);
    double[] query = new double[tree.dimension];
    int finished = 0;
    for (int i = 0; i < QUERIES; i++) {
      tree.rows.copyTo((int) ((long) i * tree.size() / QUERIES), query);
      search.begin(query, new TopK(K));
      if (search.finishedByBound()) {
        finished++;
      }
    }
    return finished > QUERIES / 2;
  }
}
