package io.facesearch.index;

import java.util.Arrays;

/**
 * One search at a time by {@link PointCodes}; keeps its memory for the next one. Not thread-safe.
 *
 * <ol>
 *   <li>The codes of the leaves whose means are nearest are read, the vectors with the k smallest
 *       values are compared, and so are all others of these leaves that the k-th distance found
 *       does not exclude.
 *   <li>All other blocks are read in the order in which they lie in memory; what their codes do not
 *       exclude is compared at once, so that the limit falls.
 * </ol>
 */
final class CodeSearch {
  /** At least so many vectors, and so many times k, are read in the first part. */
  private static final int FIRST_POINTS = 2048;

  private static final int FIRST_SHARE = 16;

  /** So many vectors are read between two updates of the limit, and in a tile of a batch. */
  private static final int STEP = 2048;

  /** Values are counted in classes of 2^6. */
  private static final int CLASS_SHIFT = 6;

  private final SplitTree tree;
  private final PointCodes codes;
  private final PointCodes.Query coded;
  private final BlockMeans.Order order;
  private final int[] hits;
  private final short[] hitValues;
  private final int[] classes = new int[1 << (16 - CLASS_SHIFT)];
  private final int[] rows = new int[32];
  private final double[] squared = new double[32];
  private int rowCount;
  private final long[] read;
  private short[] values = {};
  private int[] blocks = {};
  private int blockCount;
  private double[] query;
  private NearestFaces nearest;

  /** The squared distance that the limits were computed from. */
  private double limitOf;

  CodeSearch(SplitTree tree, PointCodes codes) {
    this.tree = tree;
    this.codes = codes;
    coded = new PointCodes.Query(codes);
    order = new BlockMeans.Order(tree.means);
    int step = Math.max(STEP, codes.blocks.blockPoints());
    hits = new int[step];
    hitValues = new short[step + CodeBlocks.ROOM];
    read = new long[(codes.blocks.blockCount() + 63) / 64];
  }

  /** Begins a search without a first part, such as for all faces within a distance. */
  void beginWithin(double[] newQuery, NearestFaces newNearest) {
    query = newQuery;
    nearest = newNearest;
    limitOf = Double.NaN;
    coded.set(query);
    Arrays.fill(read, 0);
  }

  /** Begins a search: its first part. */
  void begin(double[] newQuery, NearestFaces newNearest, int k) {
    query = newQuery;
    nearest = newNearest;
    limitOf = Double.NaN;
    coded.set(query);
    long points = Math.max(FIRST_POINTS, (long) FIRST_SHARE * k);
    chooseBlocks(points);
    int blockPoints = codes.blocks.blockPoints();
    if (values.length < blockCount * blockPoints) {
      values = new short[blockCount * blockPoints];
    }
    for (int i = 0; i < blockCount; i++) {
      codes.blocks.values(blocks[i], coded.weights, coded.base, values, i * blockPoints);
    }
    short most = smallest(k);
    for (int i = 0; i < blockCount; i++) {
      int first = blocks[i] * blockPoints;
      int count = Math.min(blockPoints, codes.points - first);
      for (int j = 0; j < count; j++) {
        if (values[i * blockPoints + j] <= most) {
          putOff(first + j);
        }
      }
    }
    comparePutOff();
    updateLimit();
    for (int i = 0; i < blockCount; i++) {
      int first = blocks[i] * blockPoints;
      int count = Math.min(blockPoints, codes.points - first);
      for (int j = 0; j < count; j++) {
        short value = values[i * blockPoints + j];
        if (value > most && value + 32768 <= coded.limit) {
          examine(first + j, value);
        }
      }
    }
    comparePutOff();
  }

  /** The blocks with the nearest means, or all if that would be a large part of them. */
  private void chooseBlocks(long points) {
    int all = codes.blocks.blockCount();
    int blockPoints = codes.blocks.blockPoints();
    Arrays.fill(read, 0);
    blockCount = 0;
    if (points >= codes.points / 4) {
      if (blocks.length < all) {
        blocks = new int[all];
      }
      for (int i = 0; i < all; i++) {
        blocks[i] = i;
      }
      blockCount = all;
      Arrays.fill(read, -1);
      return;
    }
    int wanted = (int) Math.min(all, (points + blockPoints - 1) / blockPoints);
    if (blocks.length < wanted) {
      blocks = new int[wanted];
    }
    order.measure(coded.weights, coded.base);
    order.nearest(wanted, blocks);
    for (int i = 0; i < wanted; i++) {
      read[blocks[i] >>> 6] |= 1L << blocks[i];
    }
    blockCount = wanted;
  }

  /** A value that at least k (and few more) of the values read are not above. */
  private short smallest(int k) {
    Arrays.fill(classes, 0);
    int blockPoints = codes.blocks.blockPoints();
    for (int i = 0; i < blockCount; i++) {
      int count = Math.min(blockPoints, codes.points - blocks[i] * blockPoints);
      for (int j = i * blockPoints; j < i * blockPoints + count; j++) {
        classes[values[j] + 32768 >> CLASS_SHIFT]++;
      }
    }
    int seen = 0;
    for (int i = 0; i < classes.length; i++) {
      seen += classes[i];
      if (seen >= k) {
        return (short) (((i + 1) << CLASS_SHIFT) - 1 - 32768);
      }
    }
    return Short.MAX_VALUE;
  }

  /** How many blocks {@link #scan} should be given at a time, at most. */
  int stepBlocks() {
    return Math.max(1, STEP / codes.blocks.blockPoints());
  }

  /** The second part, for some blocks, at most {@link #stepBlocks()}. */
  void scan(int fromBlock, int toBlock) {
    int from = fromBlock;
    while (from < toBlock) {
      if ((read[from >>> 6] >>> from & 1) != 0) {
        from++;
        continue;
      }
      int to = from + 1;
      while (to < toBlock && (read[to >>> 6] >>> to & 1) == 0) {
        to++;
      }
      updateLimit();
      int count =
          codes.blocks.filter(from, to, coded.weights, coded.base, coded.limit, hits, hitValues);
      for (int i = 0; i < count; i++) {
        if (hits[i] < codes.points) {
          examine(hits[i], hitValues[i]);
        }
      }
      comparePutOff();
      from = to;
    }
  }

  private void examine(int row, short value) {
    if (coded.passes(codes, row, value)) {
      putOff(row);
    }
  }

  /**
   * Reads more vectors than the tree has, after {@link #begin} or {@link #beginWithin}.
   *
   * @param firstOrdinal of its first vector
   */
  void scan(PointCodes more, float[] vectors, int firstOrdinal) {
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

  private void putOff(int row) {
    if (!nearest.accepts(tree.ordinals[row])) {
      return;
    }
    rows[rowCount++] = row;
    if (rowCount == rows.length) {
      comparePutOff();
      updateLimit();
    }
  }

  /**
   * Compares the vectors put off. Their distances are computed one behind the other, so that the
   * processor fetches several from memory at the same time.
   */
  private void comparePutOff() {
    double most = nearest.squaredLimit();
    for (int i = 0; i < rowCount; i++) {
      squared[i] = codes.kernel.squaredDistance(query, tree.rows, rows[i] * tree.dimension, most);
    }
    for (int i = 0; i < rowCount; i++) {
      nearest.offerSquared(squared[i], tree.ordinals[rows[i]]);
    }
    rowCount = 0;
  }

  private void updateLimit() {
    double most = nearest.squaredLimit();
    if (most != limitOf) {
      limitOf = most;
      coded.limit(most, codes);
    }
  }
}
