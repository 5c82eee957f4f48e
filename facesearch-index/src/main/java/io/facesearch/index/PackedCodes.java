package io.facesearch.index;

import java.util.Arrays;
import java.util.List;

/**
 * Codes in plain Java that the C2 compiler turns into vector instructions without any flag: two
 * codes lie in a {@code short}, {@code (low + 128) + 256 · high}, and nothing is unpacked. With l =
 * low + 128 and h = high, a word w holds h = w >> 8 and l = w − 256 · h, so modulo 2^16
 *
 * <pre>
 *   a · l + b · h = a · w + (b − 256 · a) · (w >> 8)
 * </pre>
 *
 * <p>More than {@value #MOST_IN_GROUP} codes are parted into groups, each with a sum of its own, so
 * that a step can be finer than 16 bits for the whole distance would allow. The value of a point is
 * then the sum over the groups of {@code value >> shift}, which is at most the sum of the values
 * divided by 2^shift, and has 16 bits again. The bounds are proved in {@link PointCodes} and
 * explained in {@code docs/EXACT-SEARCH.md}.
 *
 * <p>C2 vectorises these loops (on Java 17 and 25) if each word has an array of its own and all
 * arrays of a loop are read at the same place; offsets that differ, or {@code Math.min}, make them
 * 10 to 80 times slower, which {@code ExactSearch} in the benchmarks shows. Long arrays matter: of
 * a quarter of the length, they take half as long again.
 */
final class PackedCodes implements CodeBlocks {
  /** Points whose words are in the same array. */
  static final int CHUNK = 4096;

  static final int MOST_IN_GROUP = 128;

  /** Two arrays of a chunk's length. */
  private static final ThreadLocal<short[][]> SUMS =
      ThreadLocal.withInitial(() -> new short[2][CHUNK]);

  private final int width;
  private final int groups;
  private final int groupWidth;
  private final int shift;
  private final int points;

  /** By chunk, then by pair of codes; the arrays of the last chunk are shorter. */
  private final short[][][] words;

  /** By chunk, then by group: the sums of the squares of the codes, modulo 2^16. */
  private final short[][][] norms;

  PackedCodes(int points, int width) {
    this.points = points;
    this.width = width;
    groupWidth = groupWidth(width);
    groups = (width + groupWidth - 1) / groupWidth;
    shift = 32 - Integer.numberOfLeadingZeros(groups - 1);
    int chunks = (points + CHUNK - 1) / CHUNK;
    words = new short[chunks][width / 2][];
    norms = new short[chunks][groups][];
    for (int chunk = 0; chunk < chunks; chunk++) {
      int length = chunkLength(chunk);
      Arrays.setAll(words[chunk], i -> new short[length]);
      Arrays.setAll(norms[chunk], i -> new short[length]);
    }
  }

  /** How many codes have a sum of their own, of so many; a multiple of 4. */
  static int groupWidth(int width) {
    int groups = (width + MOST_IN_GROUP - 1) / MOST_IN_GROUP;
    return ((width + groups - 1) / groups + 3) & -4;
  }

  /** Filled up to whole vectors. */
  private int chunkLength(int chunk) {
    return Math.min(CHUNK, (points - chunk * CHUNK + 127) & -128);
  }

  int chunkCount() {
    return words.length;
  }

  /** How many points of a chunk are such, and no filling. */
  int chunkPoints(int chunk) {
    return Math.min(CHUNK, points - chunk * CHUNK);
  }

  @Override
  public int blockPoints() {
    return MULTIPLE;
  }

  @Override
  public int blockCount() {
    return (points + MULTIPLE - 1) / MULTIPLE;
  }

  @Override
  public int shift() {
    return shift;
  }

  @Override
  public void put(int point, byte[] codes, int norm) {
    short[][] chunk = words[point / CHUNK];
    int place = point % CHUNK;
    for (int i = 0; i < width; i += 2) {
      chunk[i / 2][place] = (short) ((codes[i] + 128) + (codes[i + 1] << 8));
    }
    for (int group = 0; group < groups; group++) {
      int sum = 0;
      for (int i = group * groupWidth; i < Math.min(width, (group + 1) * groupWidth); i++) {
        sum += codes[i] * codes[i];
      }
      norms[point / CHUNK][group][place] = (short) sum;
    }
  }

  @Override
  public int weights(int point, short[] weights) {
    short[][] chunk = words[point / CHUNK];
    int place = point % CHUNK;
    int norm = 0;
    for (int i = 0; i < width; i += 2) {
      int word = chunk[i / 2][place];
      int low = (word & 0xff) - 128;
      int high = word >> 8;
      weights[i] = (short) (-2 * low);
      weights[i + 1] = (short) (-2 * high);
      norm += low * low + high * high;
    }
    return norm;
  }

  /** Writes the values of a chunk, less 2^15; those that fill it up included. */
  void values(int chunk, short[] weights, short[] target) {
    values(chunk, weights, target, 0, norms[chunk][0].length);
  }

  /** The values of some points of a chunk, each to the place that it has in the chunk. */
  private void values(int chunk, short[] weights, short[] target, int from, int to) {
    short[][] norm = norms[chunk];
    if (groups == 1) {
      start(norm[0], target, from, to, constant(weights, 0));
      add(chunk, weights, 0, target, from, to);
      return;
    }
    short[] part = SUMS.get()[1];
    Arrays.fill(target, from, to, (short) (groups * (32768 >> shift) - 32768));
    for (int group = 0; group < groups; group++) {
      start(norm[group], part, from, to, constant(weights, group));
      add(chunk, weights, group, part, from, to);
      addShifted(part, target, from, to, shift);
    }
  }

  /**
   * The values of several queries, which share what is read.
   *
   * @param targets by query
   */
  void values(int chunk, short[][] weights, short[][] targets, int queries) {
    if (groups > 1) {
      for (int q = 0; q < queries; q++) {
        values(chunk, weights[q], targets[q]);
      }
      return;
    }
    short[][] w = words[chunk];
    int length = norms[chunk][0].length;
    for (int q = 0; q < queries; q++) {
      start(norms[chunk][0], targets[q], 0, length, constant(weights[q], 0));
    }
    for (int i = 0; i < width; i += 4) {
      for (int q = 0; q < queries; q++) {
        short[] k = weights[q];
        addPairs(
            w[i / 2],
            w[i / 2 + 1],
            targets[q],
            0,
            length,
            k[i],
            k[i + 1] - (k[i] << 8),
            k[i + 2],
            k[i + 3] - (k[i + 2] << 8));
      }
    }
  }

  /** What does not depend on the point, less 2^15. */
  private int constant(short[] weights, int group) {
    int squares = 0;
    int low = 0;
    for (int i = group * groupWidth; i < Math.min(width, (group + 1) * groupWidth); i += 2) {
      squares += weights[i] * weights[i] + weights[i + 1] * weights[i + 1];
      low += weights[i];
    }
    return (squares >> 2) - (low << 7) - 32768;
  }

  private void add(int chunk, short[] weights, int group, short[] target, int from, int to) {
    short[][] w = words[chunk];
    int end = Math.min(width, (group + 1) * groupWidth);
    for (int i = group * groupWidth; i < end; i += 4) {
      addPairs(
          w[i / 2],
          w[i / 2 + 1],
          target,
          from,
          to,
          weights[i],
          weights[i + 1] - (weights[i] << 8),
          weights[i + 2],
          weights[i + 3] - (weights[i + 2] << 8));
    }
  }

  private static void start(short[] norm, short[] sums, int from, int to, int constant) {
    for (int j = from; j < to; j++) {
      sums[j] = (short) (norm[j] + constant);
    }
  }

  private static void addPairs(
      short[] w, short[] v, short[] sums, int from, int to, int k0, int k1, int k2, int k3) {
    for (int j = from; j < to; j++) {
      sums[j] = (short) (sums[j] + w[j] * k0 + (w[j] >> 8) * k1 + v[j] * k2 + (v[j] >> 8) * k3);
    }
  }

  private static void addShifted(short[] part, short[] sums, int from, int to, int shift) {
    for (int j = from; j < to; j++) {
      sums[j] = (short) (sums[j] + (part[j] >> shift));
    }
  }

  /**
   * Marks the places at which a value may be at most {@code limit} (both less 2^15): the mark
   * becomes negative. Values that are one too great may be marked too.
   */
  static void mark(short[] values, short[] marks, int length, int limit) {
    mark(values, marks, length, (short) ((limit >> 1) + 1));
  }

  private static void mark(short[] values, short[] marks, int length, short half) {
    int h = half;
    for (int j = 0; j < length; j++) {
      marks[j] = (short) (marks[j] | (values[j] >> 1) - h);
    }
  }

  @Override
  public void values(int block, short[] weights, int base, short[] target, int offset) {
    short[] sums = SUMS.get()[0];
    int chunk = block * MULTIPLE / CHUNK;
    int from = block * MULTIPLE % CHUNK;
    int to = Math.min(from + MULTIPLE, norms[chunk][0].length);
    values(chunk, weights, sums, from, to);
    System.arraycopy(sums, from, target, offset, to - from);
    Arrays.fill(target, offset + to - from, offset + MULTIPLE, Short.MAX_VALUE);
  }

  @Override
  public int filter(
      int fromBlock,
      int toBlock,
      short[] weights,
      int base,
      int limit,
      int[] hits,
      short[] values) {
    short[] sums = SUMS.get()[0];
    int most = limit - 32768;
    int count = 0;
    for (int block = fromBlock; block < toBlock; block++) {
      int chunk = block * MULTIPLE / CHUNK;
      int from = block * MULTIPLE % CHUNK;
      int to = Math.min(from + MULTIPLE, norms[chunk][0].length);
      values(chunk, weights, sums, from, to);
      for (int j = from; j < to; j++) {
        if (sums[j] <= most) {
          hits[count] = chunk * CHUNK + j;
          values[count++] = sums[j];
        }
      }
    }
    return count;
  }

  @Override
  public List<Object[]> arrays() {
    int last = words.length - 1; // of another length
    return List.of(
        Arrays.stream(words, 0, last).flatMap(Arrays::stream).toArray(),
        words[last],
        Arrays.stream(norms, 0, last).flatMap(Arrays::stream).toArray(),
        norms[last]);
  }

  @Override
  public long bytes() {
    long bytes = 0;
    for (int chunk = 0; chunk < norms.length; chunk++) {
      bytes += norms[chunk][0].length * (width + 2L * groups);
    }
    return bytes;
  }
}
