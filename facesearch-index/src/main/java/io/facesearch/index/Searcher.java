package io.facesearch.index;

/** What one search in a {@link SplitTree} needs; kept for the next one. Not thread-safe. */
final class Searcher {
  /** From this share of all faces on, codes only add to the work. */
  private static final int GREATEST_SHARE = 2;

  final double[] query;
  final NearestFaces nearest = new NearestFaces(0);
  private final SplitTree tree;
  private final TreeSearch byTree;
  private final CodeSearch byCodes;

  Searcher(SplitTree tree) {
    this.tree = tree;
    query = new double[tree.dimension];
    byTree = new TreeSearch(tree);
    byCodes = tree.codes == null ? null : new CodeSearch(tree, tree.codes);
  }

  /**
   * Puts the faces of the tree that are nearest to {@link #query} into {@link #nearest}, which was
   * reset for k of them.
   *
   * @return the number of leaves visited
   */
  int run(int k) {
    if (byCodes == null || k > tree.size() / GREATEST_SHARE) {
      byTree.begin(query, nearest);
      return byTree.run();
    }
    byCodes.begin(query, nearest, k);
    int blocks = tree.codes.blocks.blockCount();
    int step = byCodes.stepBlocks();
    for (int block = 0; block < blocks; block += step) {
      byCodes.scan(block, Math.min(blocks, block + step));
    }
    return byCodes.leaves();
  }
}
