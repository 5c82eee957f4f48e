package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.BoundKernel;
import io.facesearch.index.internal.quantize.CodeBlocks;
import io.facesearch.index.internal.quantize.Packing;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import io.facesearch.index.internal.snapshot.TopK;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides which codes a tree gets: of its leading directions in two stages, or of all dimensions in
 * one, of 8 or of 4 bits. It counts on a sample what either leaves over, so that the same vectors
 * always get the same codes. Stateless.
 */
public final class CodeTrial {
  private static final int QUERIES = 24;

  /** From so many coordinates on, caches do not hold codes of 8 bits any more; measured. */
  private static final long LARGE = 12_800_000;

  private static final int K = 10;

  /** So many vectors stand for all in the trial of the two stages. */
  private static final int SAMPLE = 4096;

  /** What work costs in terms of one byte of the codes of a vector; measured. */
  private static final double SECOND_STAGE = 600;

  /** The same of each byte of the second codes of 4 bits, which lie anywhere in memory. */
  private static final double SECOND_BYTE = 75;

  private static final double COMPARISON = 4000;

  private CodeTrial() {}

  /** The codes that make searches cheapest, or null if none can be proved right. */
  static @Nullable QuantizedVectors best(BoundKernel kernel, SplitTree tree) {
    int dimension = tree.dimension;
    if (dimension < kernel.firstWidth()) {
      return QuantizedVectors.of(kernel, tree.rows.inMemory(), tree.size(), dimension);
    }
    QuantizedVectors whole = whole(kernel, Packing.EIGHT_BITS, tree);
    float[] rows = new float[Math.min(tree.size(), SAMPLE) * dimension];
    int count = rows.length / dimension;
    for (int i = 0; i < count; i++) {
      int row = (int) ((long) i * tree.size() / count);
      tree.rows.copyTo(row, rows, i * dimension);
    }
    QuantizedVectors sample = QuantizedVectors.of(kernel, rows, count, dimension);
    if (whole == null) {
      return QuantizedVectors.of(kernel, tree.rows.inMemory(), tree.size(), dimension);
    }
    QuantizedVectors.Query coded = sample == null ? null : new QuantizedVectors.Query(sample);
    double[] costOfTwo = {0};
    double costOfWhole =
        cost(
            tree,
            whole,
            (query, nearest) -> {
              if (coded != null && sample != null) {
                coded.set(query);
                coded.limit(nearest.squaredLimit(), sample);
                costOfTwo[0] += sample.firstWidth * (double) tree.size();
                costOfTwo[0] += cost(sample, coded) * tree.size() / count;
              }
            });
    if (sample != null && costOfWhole >= costOfTwo[0]) {
      return QuantizedVectors.of(kernel, tree.rows.inMemory(), tree.size(), dimension);
    }
    if ((long) tree.size() * dimension < LARGE) {
      return whole;
    }
    QuantizedVectors coarse = whole(kernel, Packing.FOUR_BITS, tree);
    return coarse != null && cost(tree, coarse, (query, nearest) -> {}) < costOfWhole
        ? coarse
        : whole;
  }

  private static @Nullable QuantizedVectors whole(
      BoundKernel kernel, Packing packing, SplitTree tree) {
    return QuantizedVectors.whole(
        kernel, packing, tree.rows.inMemory(), tree.size(), tree.dimension);
  }

  /** What searches by codes of all dimensions cost; the results of each are told. */
  private static double cost(
      SplitTree tree, QuantizedVectors whole, BiConsumer<double[], TopK> results) {
    ChunkSearch search = new ChunkSearch(tree, whole);
    TopK nearest = new TopK(0);
    double[] query = new double[tree.dimension];
    double bytes = 2.0 * whole.firstWidth / whole.packing.fields * tree.size();
    double cost = 0;
    int queries = Math.min(QUERIES, tree.size());
    for (int q = 0; q < queries; q++) {
      int row = (int) ((2L * q + 1) * tree.size() / (2 * queries));
      tree.rows.copyTo(row, query);
      nearest.reset(Math.min(K + 1, tree.size()));
      search.begin(query, nearest, K + 1);
      search.run();
      cost += bytes + COMPARISON * nearest.computed();
      results.accept(query, nearest);
    }
    if (whole.secondWidth > 0) {
      cost += (SECOND_STAGE + SECOND_BYTE * whole.secondWidth) * search.examined;
    }
    return cost;
  }

  /** What the first stage of some codes leaves over costs. */
  private static double cost(QuantizedVectors sample, QuantizedVectors.Query coded) {
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
