package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.CodeBlocks;
import io.facesearch.index.internal.quantize.CodedPoint;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The mean of each block of vectors, as codes: the blocks whose means are nearest to a query are
 * those most likely to hold its nearest vectors. A block holds a leaf, or leaves that lie beside
 * each other. Immutable.
 */
public final class BlockCentroids {
  private static final int CLASS_SHIFT = 5;

  /** Number of blocks. */
  final int count;

  final CodeBlocks means;
  private final short[] leaves;

  BlockCentroids(SplitTree tree) {
    QuantizedVectors codes = Objects.requireNonNull(tree.codes);
    count = codes.blocks.blockCount();
    means = codes.kernel.newBlocks(count, codes.firstWidth);
    int parts = (count + CodeBlocks.MULTIPLE - 1) / CodeBlocks.MULTIPLE;
    IntStream.range(0, parts)
        .parallel()
        .forEach(
            part -> {
              CodedPoint point = new CodedPoint(codes);
              byte[] code = new byte[codes.firstWidth];
              int to = Math.min(count, (part + 1) * CodeBlocks.MULTIPLE);
              for (int block = part * CodeBlocks.MULTIPLE; block < to; block++) {
                point.rotate(mean(tree, block, codes.blocks.blockPoints()));
                means.put(block, code, codes.code(point, code));
              }
            });
    leaves = leaves(tree, codes.blocks);
  }

  /** With codes that were stored. */
  BlockCentroids(SplitTree tree, CodeBlocks means) {
    this.means = means;
    CodeBlocks blocks = Objects.requireNonNull(tree.codes).blocks;
    count = blocks.blockCount();
    leaves = leaves(tree, blocks);
  }

  private static short[] leaves(SplitTree tree, CodeBlocks blocks) {
    short[] leaves = new short[blocks.blockCount()];
    int blockPoints = blocks.blockPoints();
    for (int leaf = 0; leaf < tree.leafCount(); leaf++) {
      int last = (tree.leafStarts[leaf + 1] - 1) / blockPoints;
      for (int block = tree.leafStarts[leaf] / blockPoints; block <= last; block++) {
        leaves[block]++;
      }
    }
    return leaves;
  }

  private static double[] mean(SplitTree tree, int block, int blockPoints) {
    int from = block * blockPoints;
    int to = Math.min(tree.size(), from + blockPoints);
    double[] mean = new double[tree.dimension];
    double[] vector = new double[tree.dimension];
    for (int row = from; row < to; row++) {
      tree.rows.copyTo(row, vector);
      for (int j = 0; j < mean.length; j++) {
        mean[j] += vector[j];
      }
    }
    for (int j = 0; j < mean.length; j++) {
      mean[j] /= to - from;
    }
    return mean;
  }

  /** The number of leaves that lie in a block, or partly. */
  int leaves(int block) {
    return leaves[block];
  }

  /** As {@link CodeBlocks#weights}, for the mean of a block. */
  int weights(int block, short[] weights) {
    return means.weights(block, weights);
  }

  /** Memory in bytes, without object headers. */
  long bytes() {
    return means.bytes() + 2L * count;
  }

  /** Finds the nearest blocks of a query. Not thread-safe. */
  static final class Order {
    private final BlockCentroids all;
    private final short[] values;
    private final int[] classes = new int[1 << (16 - CLASS_SHIFT)];

    Order(BlockCentroids all) {
      this.all = all;
      values = new short[all.means.blockCount() * all.means.blockPoints()];
    }

    /** Takes the query. */
    void measure(short[] weights, int base) {
      for (int i = 0; i < all.means.blockCount(); i++) {
        all.means.values(i, weights, base, values, i * all.means.blockPoints());
      }
      Arrays.fill(classes, 0);
      for (int i = 0; i < all.count; i++) {
        classes[values[i] + 32768 >> CLASS_SHIFT]++;
      }
    }

    /** Writes the numbers of the {@code wanted} nearest blocks, in order of their numbers. */
    void nearest(int wanted, int[] blocks) {
      int last = 0;
      int below = 0;
      while (below + classes[last] < wanted) {
        below += classes[last++];
      }
      int room = wanted - below;
      int found = 0;
      for (int i = 0; found < wanted; i++) {
        int valueClass = values[i] + 32768 >> CLASS_SHIFT;
        if (valueClass < last || (valueClass == last && room-- > 0)) {
          blocks[found++] = i;
        }
      }
    }
  }
}
