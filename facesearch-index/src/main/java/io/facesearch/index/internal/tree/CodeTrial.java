package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.BoundKernel;
import io.facesearch.index.internal.quantize.CodeBlocks;
import io.facesearch.index.internal.quantize.CodedQuery;
import io.facesearch.index.internal.quantize.Packing;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import io.facesearch.index.internal.quantize.VectorSource;
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

  /**
   * More than most people have photos, so that the distances of strangers decide: codes that are
   * cheap while all that is found is one person's may be ten times as dear for the next few.
   */
  private static final int K = 30;

  /** So many vectors stand for all in the trial of the two stages. */
  private static final int SAMPLE = 4096;

  /** What work costs in terms of one byte of the codes of a vector; measured. */
  private static final double SECOND_STAGE = 600;

  /** The same of each byte of the second codes of 4 bits, which lie anywhere in memory. */
  private static final double SECOND_BYTE = 75;

  private static final double COMPARISON = 4000;

  private CodeTrial() {}

  /**
   * The codes that make searches cheapest, or null if none can be proved right.
   *
   * @param kernel of codes in two stages, and of those in one
   */
  public static @Nullable QuantizedVectors best(
      BoundKernel kernel, BoundKernel wholeKernel, VectorSource rows, int count, int dimension) {
    if (dimension < kernel.firstWidth()) {
      return QuantizedVectors.of(kernel, rows, count, dimension);
    }
    QuantizedVectors whole =
        QuantizedVectors.whole(wholeKernel, Packing.EIGHT_BITS, rows, count, dimension);
    if (whole == null) {
      return QuantizedVectors.of(kernel, rows, count, dimension);
    }
    int some = Math.min(count, SAMPLE);
    float[] few = new float[some * dimension];
    for (int i = 0; i < some; i++) {
      rows.copyTo((int) ((long) i * count / some), few, i * dimension);
    }
    QuantizedVectors sample =
        QuantizedVectors.of(kernel, VectorSource.of(few, dimension), some, dimension);
    CodedQuery coded = sample == null ? null : new CodedQuery(sample);
    double[] costOfTwo = {0};
    double costOfWhole =
        cost(
            rows,
            whole,
            (query, nearest) -> {
              if (coded != null && sample != null) {
                coded.set(query);
                coded.limit(nearest.squaredLimit(), sample);
                costOfTwo[0] += sample.firstWidth * (double) count;
                costOfTwo[0] += cost(sample, coded) * count / some;
              }
            });
    if (sample != null && costOfWhole >= costOfTwo[0]) {
      return some == count ? sample : QuantizedVectors.of(kernel, rows, count, dimension);
    }
    if ((long) count * dimension < LARGE) {
      return whole;
    }
    QuantizedVectors coarse =
        QuantizedVectors.whole(wholeKernel, Packing.FOUR_BITS, rows, count, dimension);
    return coarse != null && cost(rows, coarse, (query, nearest) -> {}) < costOfWhole
        ? coarse
        : whole;
  }

  /** What searches by codes of all dimensions cost; the results of each are told. */
  private static double cost(
      VectorSource rows, QuantizedVectors whole, BiConsumer<double[], TopK> results) {
    int count = whole.points;
    double[] query = new double[whole.dimension];
    float[] row = new float[whole.dimension];
    TopK nearest = new TopK(0);
    ChunkSearch search = new ChunkSearch(whole, new Trial(rows, query, nearest));
    double bytes = 2.0 * whole.firstWidth / whole.packing.fields * count;
    double cost = 0;
    int queries = Math.min(QUERIES, count);
    for (int q = 0; q < queries; q++) {
      rows.copyTo((int) ((2L * q + 1) * count / (2L * queries)), row, 0);
      for (int j = 0; j < query.length; j++) {
        query[j] = row[j];
      }
      nearest.reset(Math.min(K + 1, count));
      search.search(query, K + 1);
      cost += bytes + COMPARISON * nearest.computed();
      results.accept(query, nearest);
    }
    if (whole.secondWidth > 0) {
      cost += (SECOND_STAGE + SECOND_BYTE * whole.secondWidth) * search.examined;
    }
    return cost;
  }

  /** Vectors wherever they lie, and the nearest found of them. */
  private static final class Trial extends Candidates {
    private final VectorSource vectors;
    private final float[] row;
    private final double[] query;
    private final TopK nearest;

    Trial(VectorSource vectors, double[] query, TopK nearest) {
      this.vectors = vectors;
      row = new float[query.length];
      this.query = query;
      this.nearest = nearest;
    }

    @Override
    public boolean accepts(int candidate) {
      return true;
    }

    @Override
    public void compare(int[] rows, int count) {
      for (int i = 0; i < count; i++) {
        vectors.copyTo(rows[i], row, 0);
        nearest.compare(query, row, 0, rows[i]);
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
  }

  /** What the first stage of some codes leaves over costs. */
  private static double cost(QuantizedVectors sample, CodedQuery coded) {
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
