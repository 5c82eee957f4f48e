package io.facesearch.index.internal.quantize;

import io.facesearch.index.internal.codec.Section;
import java.util.List;

/**
 * Codes of points, grouped in blocks. For codes c and weights w (both integers) the value of a
 * point is {@code (norm + base + Σ w[i]·c[i]) mod 2^16}, where base is given with the weights, or
 * any smaller number of at least 0. The caller sees to it that {@code norm + base + Σ w[i]·c[i]} is
 * never negative and less than 2^16 times the width, so the value is a lower bound of it.
 *
 * <p>Values are returned as a short that is the value − 2^15. Reads are thread-safe once all points
 * were put.
 */
public interface CodeBlocks {
  /** How many points must be put at a time by the same thread: the blocks are multiples of 128. */
  int MULTIPLE = 1024;

  /** By how much the values that {@link #filter} fills must be longer than the blocks. */
  int ROOM = 128;

  /** Points in a block, a divisor of {@link #MULTIPLE}. */
  int blockPoints();

  /**
   * By how many bits values are smaller than squared distances of codes; see {@link PackedCodes}.
   */
  default int shift() {
    return 0;
  }

  /** Number of blocks; the last one may be filled up with codes of 0. */
  int blockCount();

  /**
   * Sets the codes of one point. Different points may be set by different threads if they lie in
   * different multiples of {@link #MULTIPLE}.
   */
  void put(int point, byte[] codes, int norm);

  /**
   * The weights and the base with which the values are squared distances to a point.
   *
   * @return the base
   */
  int weights(int point, short[] weights);

  /** Writes the values of all points of a block, those that fill it up included. */
  void values(int block, short[] weights, int base, short[] target, int offset);

  /**
   * Finds the points of some blocks whose value is at most {@code limit} (0 to 65535), in order.
   *
   * @param hits receives the numbers of the points, maybe also of such that fill up the last block
   * @param values receives their values; what lies behind them is overwritten
   * @return the number of hits
   */
  int filter(
      int fromBlock, int toBlock, short[] weights, int base, int limit, int[] hits, short[] values);

  /**
   * All that it holds, in the order of the blocks, in arrays that can be stored and filled again:
   * one entry for each kind of array, see {@link Section}.
   */
  List<Object[]> arrays();

  /** Memory in bytes, without object headers. */
  long bytes();
}
