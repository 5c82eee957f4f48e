package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.CodeBlocks;
import io.facesearch.index.internal.quantize.CodedQuery;
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

  final QuantizedVectors codes;
  final CodedQuery coded;
  final Candidates candidates;

  /** Only so that what {@link #touch} reads is not optimized away. */
  @SuppressWarnings("UnusedVariable")
  private float touched;

  private final int[] rows = new int[Candidates.MOST];
  private int rowCount;

  /** How many vectors the first stage left, ever. */
  long examined;

  private final int[] hits = new int[CodeBlocks.MULTIPLE];
  private final short[] hitValues = new short[CodeBlocks.MULTIPLE + CodeBlocks.ROOM];

  /** Null while one thread does it all. */
  private @Nullable SharedScan shared;

  /** The squared distance that the limits were computed from. */
  private double limitOf;

  CodeSearch(QuantizedVectors codes, Candidates candidates) {
    this.codes = codes;
    this.candidates = candidates;
    coded = new CodedQuery(codes);
  }

  /** The way of searching that goes with the codes of a tree. */
  static CodeSearch of(SplitTree tree, QuantizedVectors codes, double[] query, TopK nearest) {
    Candidates candidates = new TreeCandidates(tree, codes.kernel, query, nearest);
    return codes.blocks instanceof PackedCodes
        ? new ChunkSearch(codes, candidates)
        : new BlockSearch(tree, codes, candidates);
  }

  /** Begins a search that compares nothing yet, such as for all faces within a distance. */
  void beginWithin(double[] query) {
    limitOf = Double.NaN;
    coded.set(query);
  }

  /** Begins a search for k faces. */
  abstract void begin(double[] query, int k);

  /**
   * Begins to help in a search of another thread, which has begun and does not change meanwhile.
   * Its candidates were reset as those of the other.
   */
  void beginHelp(CodeSearch other, double[] query) {
    beginWithin(query);
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
  final void scan(
      double[] query, TopK nearest, QuantizedVectors more, float[] vectors, int firstOrdinal) {
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
    if (!candidates.accepts(row)) {
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

  /** Compares the vectors put off. */
  final void comparePutOff() {
    candidates.compare(rows, rowCount);
    rowCount = 0;
  }

  final void updateLimit() {
    if (shared != null) {
      candidates.lowerLimit(shared.limit(candidates.squaredLimit()));
    }
    double most = candidates.squaredLimit();
    if (most != limitOf) {
      limitOf = most;
      coded.limit(most, codes);
    }
  }
}
