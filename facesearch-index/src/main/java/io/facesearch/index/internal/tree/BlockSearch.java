package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.CodeBlocks;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import java.util.Arrays;
import java.util.Objects;

/**
 * A search in codes that lie in small blocks, in two parts. Not thread-safe.
 *
 * <ol>
 *   <li>The codes of the leaves whose means are nearest are read, the vectors with the k smallest
 *       values are compared, and so are all others of these leaves that the k-th distance found
 *       does not exclude.
 *   <li>All other blocks are read in the order in which they lie in memory; what their codes do not
 *       exclude is compared at once, so that the limit falls.
 * </ol>
 */
public final class BlockSearch extends CodeSearch {
  /** At least so many vectors, and so many times k, are read in the first part. */
  private static final int FIRST_POINTS = 2048;

  private static final int FIRST_SHARE = 16;

  /** So many vectors are read between two updates of the limit, and in a tile of a batch. */
  private static final int STEP = 2048;

  /** Values are counted in classes of 2^6. */
  private static final int CLASS_SHIFT = 6;

  /** So many vectors are read for one query of a batch before the next has its turn. */
  private static final int TILE = 8192;

  private final BlockCentroids.Order order;
  private final int[] hits;
  private final short[] hitValues;
  private final int[] classes = new int[1 << (16 - CLASS_SHIFT)];
  private final long[] read;
  private short[] values = {};
  private int[] blocks = {};
  private int blockCount;

  BlockSearch(SplitTree tree, QuantizedVectors codes, Candidates candidates) {
    super(codes, candidates);
    order = new BlockCentroids.Order(Objects.requireNonNull(tree.means));
    int step = Math.max(STEP, codes.blocks.blockPoints());
    hits = new int[step];
    hitValues = new short[step + CodeBlocks.ROOM];
    read = new long[(codes.blocks.blockCount() + 63) / 64];
  }

  @Override
  void beginWithin(double[] query) {
    super.beginWithin(query);
    Arrays.fill(read, 0);
  }

  @Override
  void begin(double[] query, int k) {
    super.beginWithin(query);
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

  private int stepBlocks() {
    return Math.max(1, STEP / codes.blocks.blockPoints());
  }

  @Override
  void beginHelp(CodeSearch other, double[] query) {
    super.beginHelp(other, query);
    System.arraycopy(((BlockSearch) other).read, 0, read, 0, read.length);
  }

  @Override
  int units() {
    return codes.blocks.blockCount();
  }

  @Override
  int mostUnits() {
    return Math.max(1, TILE / codes.blocks.blockPoints());
  }

  /** What one of them reads is still in the cache for the others. */
  @Override
  void run(CodeSearch[] batch, int count) {
    int tile = Math.max(1, TILE / codes.blocks.blockPoints());
    for (int from = 0; from < codes.blocks.blockCount(); from += tile) {
      int to = Math.min(codes.blocks.blockCount(), from + tile);
      for (int i = 0; i < count; i++) {
        batch[i].run(from, to);
      }
    }
  }

  @Override
  void run(int fromBlock, int toBlock) {
    int step = stepBlocks();
    for (int block = fromBlock; block < toBlock; block += step) {
      scanStep(block, Math.min(toBlock, block + step));
    }
  }

  /** The second part, for some blocks, at most {@link #stepBlocks()}. */
  private void scanStep(int fromBlock, int toBlock) {
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
}
