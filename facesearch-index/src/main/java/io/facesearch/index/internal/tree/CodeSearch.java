package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.CodeBlocks;
import io.facesearch.index.internal.quantize.PackedCodes;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import io.facesearch.index.internal.snapshot.TopK;
import org.jspecify.annotations.Nullable;

/**
 * One search at a time by {@link QuantizedVectors}; keeps its memory for the next one. What the
 * codes do not exclude is compared in full. Not thread-safe.
 */
public abstract class CodeSearch {
  private static final int BYTES_IN_LINE = 64;

  final SplitTree tree;
  final QuantizedVectors codes;
  final QuantizedVectors.Query coded;
  private final TreeRows.Reader reader;

  /** Only so that what {@link #touch} reads is not optimized away. */
  private float touched;

  private final int[] rows = new int[TreeRows.Reader.MOST];
  private final double[] squared = new double[TreeRows.Reader.MOST];
  private int rowCount;

  /** How many vectors the first stage left, ever. */
  long examined;

  private final int[] hits = new int[CodeBlocks.MULTIPLE];
  private final short[] hitValues = new short[CodeBlocks.MULTIPLE + CodeBlocks.ROOM];
  private double[] query = {};
  TopK nearest = new TopK(0);

  /** Null while one thread does it all. */
  private @Nullable SharedScan shared;

  /** The squared distance that the limits were computed from. */
  private double limitOf;

  CodeSearch(SplitTree tree, QuantizedVectors codes) {
    this.tree = tree;
    this.codes = codes;
    coded = new QuantizedVectors.Query(codes);
    reader = tree.rows.new Reader();
  }

  /** The way of searching that goes with the codes of a tree. */
  static CodeSearch of(SplitTree tree, QuantizedVectors codes) {
    return codes.blocks instanceof PackedCodes
        ? new ChunkSearch(tree, codes)
        : new BlockSearch(tree, codes);
  }

  /** Begins a search that compares nothing yet, such as for all faces within a distance. */
  void beginWithin(double[] newQuery, TopK newNearest) {
    query = newQuery;
    nearest = newNearest;
    limitOf = Double.NaN;
    coded.set(query);
  }

  /** Begins a search for k faces. */
  abstract void begin(double[] newQuery, TopK newNearest, int k);

  /**
   * Begins to help in a search of another thread, which has begun and does not change meanwhile.
   *
   * @param newNearest reset as that of the other
   */
  void beginHelp(CodeSearch other, double[] newQuery, TopK newNearest) {
    beginWithin(newQuery, newNearest);
  }

  /** Parts that can be gone through in any order. */
  abstract int units();

  /** So many of them make one step. */
  abstract int mostUnits();

  /** Goes through some of the tree, after {@link #begin} or {@link #beginWithin}. */
  abstract void run(int fromUnit, int toUnit);

  /** Goes through all of the tree. */
  final void run() {
    for (int from = 0; from < units(); from += mostUnits()) {
      run(from, Math.min(units(), from + mostUnits()));
    }
  }

  /** Goes through what others leave of the tree. */
  final void run(SharedScan scan) {
    shared = scan;
    try {
      for (int from = scan.next(); from < units(); from = scan.next()) {
        updateLimit();
        run(from, Math.min(units(), from + scan.step()));
        updateLimit();
      }
    } finally {
      shared = null;
    }
  }

  /** As {@link #run} for the first searches of an array, this one among them. */
  abstract void run(CodeSearch[] batch, int count);

  /**
   * Reads more vectors than the tree has, after {@link #begin} or {@link #beginWithin}.
   *
   * @param firstOrdinal of its first vector
   */
  final void scan(QuantizedVectors more, float[] vectors, int firstOrdinal) {
    limitOf = Double.NaN;
    coded.limit(nearest.squaredLimit(), more);
    int count =
        more.blocks.filter(
            0, more.blocks.blockCount(), coded.weights, coded.base, coded.limit, hits, hitValues);
    for (int i = 0; i < count; i++) {
      int row = hits[i];
      if (row < more.points
          && coded.passes(more, row, hitValues[i])
          && nearest.accepts(firstOrdinal + row)) {
        nearest.offerSquared(
            codes.kernel.squaredDistance(
                query, vectors, row * more.dimension, nearest.squaredLimit()),
            firstOrdinal + row);
      }
    }
  }

  /** Reads what the second stage will read of some rows, the last 32 bits of the keys. */
  final void touch(long[] keys, int from, int to) {
    int width = codes.secondWidth;
    if (width == 0) {
      return;
    }
    int sum = 0;
    for (int i = from; i < to; i++) {
      int first = (int) keys[i] * width;
      for (int at = first; at < first + width; at += BYTES_IN_LINE) {
        sum += codes.rows[at];
      }
      sum += codes.rows[first + width - 1];
    }
    touched = sum;
  }

  /** Compares a vector soon, unless the second stage excludes it. */
  final void examine(int row, short value) {
    examined++;
    if (coded.passes(codes, row, value)) {
      putOff(row);
    }
  }

  final void putOff(int row) {
    if (!nearest.accepts(tree.ordinals[row])) {
      return;
    }
    rows[rowCount++] = row;
    if (rowCount == rows.length) {
      comparePutOff();
      updateLimit();
    }
  }

  /** How many vectors are put off. */
  final int waiting() {
    return rowCount;
  }

  /**
   * Compares the vectors put off. Their distances are computed one behind the other, so that the
   * processor fetches several from memory at the same time.
   */
  final void comparePutOff() {
    double most = nearest.squaredLimit();
    reader.takeAll(rows, rowCount);
    for (int i = 0; i < rowCount; i++) {
      squared[i] = reader.squaredDistance(codes.kernel, query, i, most);
    }
    for (int i = 0; i < rowCount; i++) {
      nearest.offerSquared(squared[i], tree.ordinals[rows[i]]);
    }
    rowCount = 0;
  }

  final void updateLimit() {
    if (shared != null) {
      nearest.lowerLimit(shared.limit(nearest.squaredLimit()));
    }
    double most = nearest.squaredLimit();
    if (most != limitOf) {
      limitOf = most;
      coded.limit(most, codes);
    }
  }
}
