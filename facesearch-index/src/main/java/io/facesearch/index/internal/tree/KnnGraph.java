package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.CodeBlocks;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * For every vector, a few others to look at if it is near to a query. Immutable.
 *
 * <ol>
 *   <li>The nearest by codes are found among the vectors of the blocks whose means are nearest to
 *       that of the own block. O(blocks read · d) a vector.
 *   <li>Neighbors, vectors it is a neighbor of, and the neighbors of both are compared in full (the
 *       step of NN-descent; Dong, Charikar, Li 2011). Of the nearest, those are kept that no kept
 *       one is much nearer to (the rule of Arya and Mount 1993, relaxed): lists that name only
 *       photos of one person would lead nowhere else.
 * </ol>
 */
public final class KnnGraph {
  /** Vectors read for each in the first step. */
  private static final int READ = 8192;

  /** Vectors it is a neighbor of that are looked at in the second step. */
  private static final int REVERSE = 8;

  /** So much nearer to a kept neighbor, in squared distances, is much. */
  private static final double MUCH = 1.5;

  private static final int TABLE = 1024;

  /** Length of each list. */
  final int perPoint;

  private final SplitTree tree;
  private final QuantizedVectors codes;
  final NeighborLists lists;

  KnnGraph(SplitTree tree) {
    this(tree, Pace.full());
  }

  private KnnGraph(SplitTree tree, Pace pace) {
    this.tree = tree;
    codes = Objects.requireNonNull(tree.codes);
    perPoint = codes.kernel.neighbors();
    int[] first = new int[Math.multiplyExact(codes.points, perPoint)];
    forBlocks(block -> new ByCodes(block, first).run(), pace);
    int[] better = new int[first.length];
    Reverse reverse = new Reverse(first);
    forBlocks(block -> new Step(first, reverse, better).run(block), pace);
    lists = new NeighborLists(better, perPoint);
  }

  private void forBlocks(IntConsumer step, Pace pace) {
    IntStream.range(0, codes.blocks.blockCount())
        .parallel()
        .forEach(block -> pace.step(() -> step.accept(block)));
  }

  /**
   * Finds them, unless that is given up.
   *
   * @return null if it was given up
   */
  static @Nullable KnnGraph of(SplitTree tree, Pace pace) {
    KnnGraph found = new KnnGraph(tree, pace);
    return pace.isGivenUp() ? null : found;
  }

  /** With lists that were stored. */
  KnnGraph(SplitTree tree, NeighborLists lists) {
    this.tree = tree;
    this.lists = lists;
    codes = Objects.requireNonNull(tree.codes);
    perPoint = lists.perPoint;
  }

  /** Memory in bytes, without object headers. */
  long bytes() {
    return lists.bytes();
  }

  /** The first step, for the vectors of a block. */
  private final class ByCodes {
    private final int block;
    private final int[] lists;
    private final int blockPoints = codes.blocks.blockPoints();
    private final short[] weights = new short[codes.firstWidth];
    private final short[] values = new short[blockPoints];
    private final int[] hits = new int[blockPoints];
    private final short[] hitValues = new short[blockPoints + CodeBlocks.ROOM];
    private final int[] nearestValues = new int[perPoint];
    private final int[] nearest = new int[perPoint];
    private int size;

    ByCodes(int block, int[] lists) {
      this.block = block;
      this.lists = lists;
    }

    void run() {
      int[] blocks = new int[Math.min(codes.blocks.blockCount(), Math.max(1, READ / blockPoints))];
      BlockCentroids means = Objects.requireNonNull(tree.means);
      BlockCentroids.Order order = new BlockCentroids.Order(means);
      order.measure(weights, means.weights(block, weights));
      order.nearest(blocks.length, blocks);
      int from = block * blockPoints;
      int to = Math.min(codes.points, from + blockPoints);
      for (int row = from; row < to; row++) {
        find(row, blocks);
        for (int i = 0; i < perPoint; i++) {
          lists[row * perPoint + i] = i < size ? nearest[i] : row;
        }
      }
    }

    private void find(int row, int[] blocks) {
      size = 0;
      int base = codes.blocks.weights(row, weights);
      int first = block * blockPoints;
      int points = Math.min(blockPoints, codes.points - first);
      codes.blocks.values(block, weights, base, values, 0);
      for (int i = 0; i < points; i++) {
        if (first + i != row) {
          offer(values[i] + 32768, first + i);
        }
      }
      for (int other : blocks) {
        if (other == block) {
          continue;
        }
        int limit = size < perPoint ? 65535 : Math.max(0, nearestValues[size - 1] - 1);
        int count = codes.blocks.filter(other, other + 1, weights, base, limit, hits, hitValues);
        for (int i = 0; i < count; i++) {
          if (hits[i] < codes.points) {
            offer(hitValues[i] + 32768, hits[i]);
          }
        }
      }
    }

    private void offer(int value, int row) {
      int i = size;
      if (size < perPoint) {
        size++;
      } else if (value >= nearestValues[--i]) {
        return;
      }
      while (i > 0 && nearestValues[i - 1] > value) {
        nearestValues[i] = nearestValues[i - 1];
        nearest[i] = nearest[i - 1];
        i--;
      }
      nearestValues[i] = value;
      nearest[i] = row;
    }
  }

  /** The vectors that have a vector among their neighbors, those first that have it first. */
  private final class Reverse {
    final int[] rows = new int[codes.points * REVERSE];
    final byte[] count = new byte[codes.points];

    Reverse(int[] lists) {
      for (int i = 0; i < perPoint; i++) {
        for (int row = 0; row < codes.points; row++) {
          int neighbor = lists[row * perPoint + i];
          if (neighbor != row && count[neighbor] < REVERSE) {
            rows[neighbor * REVERSE + count[neighbor]++] = row;
          }
        }
      }
    }
  }

  /** The second step. */
  private final class Step {
    private final int[] lists;
    private final Reverse reverse;
    private final int[] better;
    private final TreeRows.Reader rows = tree.rows.new Reader();
    private final int[] table = new int[TABLE];
    private final int[] candidates = new int[TABLE];
    private int candidateCount;
    private final double[] query = new double[codes.dimension];
    private final double[] squared = new double[2 * perPoint];
    private final int[] nearest = new int[2 * perPoint];
    private final int[] kept = new int[perPoint];

    Step(int[] lists, Reverse reverse, int[] better) {
      this.lists = lists;
      this.reverse = reverse;
      this.better = better;
    }

    void run(int block) {
      int blockPoints = codes.blocks.blockPoints();
      int to = Math.min(codes.points, (block + 1) * blockPoints);
      for (int row = block * blockPoints; row < to; row++) {
        Arrays.fill(table, -1);
        candidateCount = 0;
        add(row);
        for (int i = 0; i < perPoint; i++) {
          addWithNeighbors(lists[row * perPoint + i]);
        }
        for (int i = 0; i < reverse.count[row]; i++) {
          addWithNeighbors(reverse.rows[row * REVERSE + i]);
        }
        int found = compare(row);
        int count = choose(found);
        for (int i = 0; i < perPoint; i++) {
          better[row * perPoint + i] = i < count ? kept[i] : row;
        }
      }
    }

    private void addWithNeighbors(int row) {
      add(row);
      for (int i = 0; i < perPoint; i++) {
        add(lists[row * perPoint + i]);
      }
    }

    /** There are at most (12 + 8) · 13 + 1 candidates, so the table never fills up. */
    private void add(int row) {
      int place = row * 0x9E3779B1 >>> 22;
      while (table[place] >= 0) {
        if (table[place] == row) {
          return;
        }
        place = (place + 1) & (TABLE - 1);
      }
      table[place] = row;
      candidates[candidateCount++] = row;
    }

    /** Finds the nearest candidates but the first, which is the vector itself. */
    private int compare(int row) {
      tree.rows.copyTo(row, query);
      int size = 0;
      for (int c = 1; c < candidateCount; c++) {
        double limit = size < nearest.length ? Double.POSITIVE_INFINITY : squared[size - 1];
        rows.take(candidates[c]);
        double distance = rows.squaredDistance(codes.kernel, query, 0, limit);
        if (distance >= limit) {
          continue;
        }
        int i = size < nearest.length ? size++ : size - 1;
        while (i > 0 && squared[i - 1] > distance) {
          squared[i] = squared[i - 1];
          nearest[i] = nearest[i - 1];
          i--;
        }
        squared[i] = distance;
        nearest[i] = candidates[c];
      }
      return size;
    }

    private int choose(int found) {
      int count = 0;
      int rejected = 0;
      for (int i = 0; i < found && count < perPoint; i++) {
        int row = nearest[i];
        tree.rows.copyTo(row, query);
        boolean leadsElsewhere = true;
        for (int j = 0; j < count && leadsElsewhere; j++) {
          double limit = squared[i] / MUCH;
          rows.take(kept[j]);
          leadsElsewhere = rows.squaredDistance(codes.kernel, query, 0, limit) > limit;
        }
        if (leadsElsewhere) {
          kept[count++] = row;
        } else {
          nearest[rejected++] = row;
        }
      }
      for (int i = 0; i < rejected && count < perPoint; i++) {
        kept[count++] = nearest[i];
      }
      return count;
    }
  }
}
