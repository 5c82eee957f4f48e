package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.CodeBlocks;
import io.facesearch.index.internal.quantize.CodedQuery;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import java.util.Arrays;
import java.util.Objects;

/**
 * One approximate search at a time in a tree with {@link KnnGraph}; keeps its memory for the next
 * one. Not thread-safe.
 *
 * <ol>
 *   <li>The codes of the leaves whose means are nearest are read, and the vectors with the smallest
 *       values are compared: the beam holds the nearest of them.
 *   <li>The neighbors of the nearest vector in the beam that was not looked at yet are compared,
 *       until all of the beam were looked at: one photo of a person leads to the others, wherever
 *       they lie. This is the search of Malkov and Yashunin (HNSW, 2018) in a graph without layers,
 *       which the tree replaces.
 * </ol>
 */
public final class ApproximateSearch {
  /** In so many vectors the threshold is found that values of the others must not be above. */
  private static final int FIRST_POINTS = 2048;

  private static final int CLASS_SHIFT = 6;

  private final QuantizedVectors codes;
  private final BlockCentroids means;
  private final KnnGraph neighbors;
  private final TreeRows.Reader rowReader;
  private final CodedQuery coded;
  private final BlockCentroids.Order order;
  private final int[] classes = new int[1 << (16 - CLASS_SHIFT)];

  /** A bit for each vector that was compared, and which words have any. */
  private final long[] seen;

  private int[] seenWords = new int[256];
  private int seenCount;

  private final long[] read;
  private int[] blocks = {};
  private final short[] values;
  private final int[] hits;
  private final short[] hitValues;

  /** The nearest vectors so far, nearest first, and whether their neighbors were looked at. */
  private double[] squared = {};

  private int[] rows = {};
  private boolean[] expanded = {};
  private int size;
  private int beam;

  /** The neighbors of a vector. */
  private final int[] list;

  private int[] waiting = new int[64];
  private double[] waitingSquared = new double[64];
  private int waitingCount;

  private double[] query = {};
  private long computed;
  private int leaves;

  /** A vector that is passed over, or -1. */
  private int hidden;

  ApproximateSearch(SplitTree tree) {
    codes = Objects.requireNonNull(tree.codes);
    neighbors = Objects.requireNonNull(tree.neighbors);
    means = Objects.requireNonNull(tree.means);
    list = new int[neighbors.perPoint];
    rowReader = tree.rows.new Reader();
    coded = new CodedQuery(codes);
    order = new BlockCentroids.Order(means);
    seen = new long[(codes.points + 63) / 64];
    read = new long[(means.count + 63) / 64];
    int blockPoints = codes.blocks.blockPoints();
    values = new short[Math.max(FIRST_POINTS, blockPoints)];
    hits = new int[blockPoints];
    hitValues = new short[blockPoints + CodeBlocks.ROOM];
  }

  /** Searches; the vectors of {@code hiddenRow} is passed over, as if it were not there. */
  void run(double[] newQuery, int newBeam, int wanted, int hiddenRow) {
    query = newQuery;
    beam = newBeam;
    hidden = hiddenRow;
    if (rows.length < beam) {
      squared = new double[beam];
      rows = new int[beam];
      expanded = new boolean[beam];
    }
    size = 0;
    computed = 0;
    leaves = 0;
    coded.set(query);
    order.measure(coded.weights, coded.base);
    int blockPoints = codes.blocks.blockPoints();
    int all = Math.min(wanted, means.count);
    int first = Math.min(all, values.length / blockPoints);
    if (blocks.length < all) {
      blocks = new int[all];
    }
    order.nearest(first, blocks);
    int most = readFirst(first);
    if (all > first) {
      Arrays.fill(read, 0);
      for (int i = 0; i < first; i++) {
        read[blocks[i] >>> 6] |= 1L << blocks[i];
      }
      order.nearest(all, blocks);
      for (int i = 0; i < all; i++) {
        if ((read[blocks[i] >>> 6] >>> blocks[i] & 1) == 0) {
          readOther(blocks[i], most);
        }
      }
    }
    compareWaiting();
    expand();
    for (int i = 0; i < seenCount; i++) {
      seen[seenWords[i]] = 0;
    }
    seenCount = 0;
  }

  /** Vectors found, at most as many as the beam holds. */
  int size() {
    return size;
  }

  /** The i-th nearest vector found. */
  int row(int i) {
    return rows[i];
  }

  double squaredDistance(int i) {
    return squared[i];
  }

  long computed() {
    return computed;
  }

  int leaves() {
    return leaves;
  }

  /**
   * Reads the nearest blocks and compares the vectors with the smallest values.
   *
   * @return the greatest of these values
   */
  private int readFirst(int count) {
    int blockPoints = codes.blocks.blockPoints();
    Arrays.fill(classes, 0);
    for (int i = 0; i < count; i++) {
      leaves += means.leaves(blocks[i]);
      codes.blocks.values(blocks[i], coded.weights, coded.base, values, i * blockPoints);
      int end = i * blockPoints + pointsOf(blocks[i]);
      for (int j = i * blockPoints; j < end; j++) {
        classes[values[j] + 32768 >> CLASS_SHIFT]++;
      }
    }
    int below = 0;
    int last = 0;
    while (last < classes.length - 1 && below + classes[last] < beam) {
      below += classes[last++];
    }
    int most = ((last + 1) << CLASS_SHIFT) - 1;
    for (int i = 0; i < count; i++) {
      int points = pointsOf(blocks[i]);
      for (int j = 0; j < points; j++) {
        if (values[i * blockPoints + j] + 32768 <= most) {
          putOff(blocks[i] * blockPoints + j);
        }
      }
    }
    return most;
  }

  private int pointsOf(int block) {
    int blockPoints = codes.blocks.blockPoints();
    return Math.min(blockPoints, codes.points - block * blockPoints);
  }

  private void readOther(int block, int most) {
    leaves += means.leaves(block);
    int count =
        codes.blocks.filter(block, block + 1, coded.weights, coded.base, most, hits, hitValues);
    for (int i = 0; i < count; i++) {
      if (hits[i] < codes.points) {
        putOff(hits[i]);
      }
    }
  }

  private void expand() {
    int i = 0;
    while (i < size) {
      if (expanded[i]) {
        i++;
        continue;
      }
      expanded[i] = true;
      neighbors.lists.copyTo(rows[i], list);
      for (int neighbor : list) {
        putOff(neighbor);
      }
      i = Math.min(i, compareWaiting());
    }
  }

  private void putOff(int row) {
    int word = row >>> 6;
    if ((seen[word] >>> row & 1) != 0 || row == hidden) {
      return;
    }
    if (seen[word] == 0) {
      if (seenCount == seenWords.length) {
        seenWords = Arrays.copyOf(seenWords, 2 * seenCount);
      }
      seenWords[seenCount++] = word;
    }
    seen[word] |= 1L << row;
    if (waitingCount == waiting.length) {
      waiting = Arrays.copyOf(waiting, 2 * waitingCount);
      waitingSquared = new double[waiting.length];
    }
    waiting[waitingCount++] = row;
  }

  /**
   * Compares the vectors put off. Their distances are computed one behind the other, so that the
   * processor fetches several from memory at the same time.
   *
   * @return the first place of the beam that changed
   */
  private int compareWaiting() {
    double limit = size < beam ? Double.POSITIVE_INFINITY : squared[size - 1];
    for (int from = 0; from < waitingCount; from += TreeRows.Reader.MOST) {
      int count = Math.min(TreeRows.Reader.MOST, waitingCount - from);
      rowReader.take(waiting, from, count);
      for (int i = 0; i < count; i++) {
        waitingSquared[from + i] = rowReader.squaredDistance(codes.kernel, query, i, limit);
      }
    }
    int first = beam;
    for (int i = 0; i < waitingCount; i++) {
      first = Math.min(first, insert(waitingSquared[i], waiting[i]));
    }
    computed += waitingCount;
    waitingCount = 0;
    return first;
  }

  private int insert(double distance, int row) {
    int i = size;
    if (size < beam) {
      size++;
    } else if (distance >= squared[--i]) {
      return beam;
    }
    while (i > 0 && squared[i - 1] > distance) {
      squared[i] = squared[i - 1];
      rows[i] = rows[i - 1];
      expanded[i] = expanded[i - 1];
      i--;
    }
    squared[i] = distance;
    rows[i] = row;
    expanded[i] = false;
    return i;
  }
}
