package io.facesearch.index;

/**
 * Decides which codes a tree gets: of its leading directions in two stages, or of all dimensions in
 * one. It counts on a sample what either leaves over, so that the same vectors always get the same
 * codes. Stateless.
 */
final class CodeTrial {
  private static final int QUERIES = 24;
  private static final int K = 10;

  /** So many vectors stand for all in the trial of the two stages. */
  private static final int SAMPLE = 4096;

  /** What work costs in terms of one code of one vector; measured. */
  private static final double SECOND_STAGE = 600;

  private static final double COMPARISON = 4000;

  private CodeTrial() {}

  /** The codes that make searches cheapest, or null if none can be proved right. */
  static PointCodes best(BoundKernel kernel, SplitTree tree) {
    int dimension = tree.dimension;
    if (dimension < kernel.firstWidth()) {
      return PointCodes.of(kernel, tree.rows, tree.size(), dimension);
    }
    PointCodes whole = PointCodes.whole(tree.rows, tree.size(), dimension);
    float[] rows = new float[Math.min(tree.size(), SAMPLE) * dimension];
    int count = rows.length / dimension;
    for (int i = 0; i < count; i++) {
      int row = (int) ((long) i * tree.size() / count);
      System.arraycopy(tree.rows, row * dimension, rows, i * dimension, dimension);
    }
    PointCodes sample = PointCodes.of(kernel, rows, count, dimension);
    if (whole == null || sample == null) {
      return whole != null ? whole : PointCodes.of(kernel, tree.rows, tree.size(), dimension);
    }
    ChunkSearch search = new ChunkSearch(tree, whole);
    NearestFaces nearest = new NearestFaces(0);
    double[] query = new double[dimension];
    PointCodes.Query coded = new PointCodes.Query(sample);
    double costOfWhole = 0;
    double costOfTwo = 0;
    int queries = Math.min(QUERIES, tree.size());
    for (int q = 0; q < queries; q++) {
      int row = (int) ((2L * q + 1) * tree.size() / (2 * queries));
      for (int j = 0; j < dimension; j++) {
        query[j] = tree.rows[row * dimension + j];
      }
      nearest.reset(Math.min(K + 1, tree.size()));
      search.begin(query, nearest, K + 1);
      search.run();
      costOfWhole += (double) whole.firstWidth * tree.size() + COMPARISON * nearest.computed();
      coded.set(query);
      coded.limit(nearest.squaredLimit(), sample);
      costOfTwo += sample.firstWidth * (double) tree.size();
      costOfTwo += cost(sample, coded) * tree.size() / count;
    }
    return costOfWhole < costOfTwo
        ? whole
        : PointCodes.of(kernel, tree.rows, tree.size(), dimension);
  }

  /** What the first stage of some codes leaves over costs. */
  private static double cost(PointCodes sample, PointCodes.Query coded) {
    CodeBlocks blocks = sample.blocks;
    int[] hits = new int[blocks.blockPoints()];
    short[] values = new short[blocks.blockPoints() + CodeBlocks.ROOM];
    double cost = 0;
    for (int block = 0; block < blocks.blockCount(); block++) {
      int count =
          blocks.filter(block, block + 1, coded.weights, coded.base, coded.limit, hits, values);
      for (int i = 0; i < count; i++) {
        if (hits[i] < sample.points) {
          cost += SECOND_STAGE;
          cost += coded.passes(sample, hits[i], values[i]) ? COMPARISON : 0;
        }
      }
    }
    return cost;
  }
}
