package io.facesearch.index.internal.quantize;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Codes of 8 bits, two in a {@code short}, or of 4 bits, four in a {@code short}, of which nothing
 * is unpacked. All fields of a word but the last hold code + 2^(bits − 1), so that they are not
 * negative; the last has a sign. With w >> b·t, field t and all above it, field t is (w >> b·t) −
 * 2^b · (w >> b·(t + 1)), so modulo 2^16
 *
 * <pre>
 *   Σ a[t] · field[t] = Σ (a[t] − 2^b · a[t − 1]) · (w >> b·t)
 * </pre>
 *
 * <p>More codes than {@link Packing#mostInGroup} are parted into groups, each with a sum of its
 * own, so that a step can be finer than 16 bits for the whole distance would allow. The value of a
 * point is then the sum over the groups of {@code value >> shift}, which is at most the sum of the
 * values divided by 2^shift, and has 16 bits again. The bounds are proved in {@link
 * QuantizedVectors} and explained in {@code docs/EXACT-SEARCH.md}.
 *
 * <p>Codes of 4 bits are never parted. Their points have two numbers of their own, a norm and an
 * error, and the value of a point is {@code (norm − error · w[width] + base + Σ w[i]·c[i]) mod
 * 2^16}; that of points without a proved error is 0, so that they are always compared.
 *
 * <p>Each word has an array of its own for {@link Packing#chunk} points, since that is what C2
 * vectorizes in plain Java, see {@link PlainKernel}.
 */
public final class PackedCodes implements CodeBlocks {
  /** The error of a point that has none that is proved. */
  public static final short UNPROVED = -1;

  /** Memory of a search, most of it a chunk's length. */
  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final BoundKernel kernel;
  private final Packing packing;
  private final int width;
  private final int groups;
  private final int groupWidth;
  private final int shift;
  private final int points;

  /** Points of a chunk. */
  private final int chunk;

  /** Whether points have an error of their own. */
  private final boolean hasErrors;

  /** By chunk, then by word; the arrays of the last chunk are shorter. */
  private final short[][][] words;

  /**
   * By chunk, then by group: the sums of the squares of the codes, modulo 2^16; or by chunk, the
   * norms and the errors.
   */
  private final short[][][] norms;

  /** By chunk, the places of points without a proved error; made when first asked for. */
  private volatile int @Nullable [][] unproved;

  /** Codes of 8 bits. */
  public PackedCodes(BoundKernel kernel, int points, int width) {
    this(kernel, Packing.EIGHT_BITS, points, width);
  }

  /**
   * Codes of 0.
   *
   * @param width a multiple of {@link Packing#multiple}
   */
  public PackedCodes(BoundKernel kernel, Packing packing, int points, int width) {
    this.kernel = kernel;
    this.packing = packing;
    this.points = points;
    this.width = width;
    chunk = packing.chunk;
    hasErrors = packing == Packing.FOUR_BITS;
    groupWidth = groupWidth(width, packing);
    groups = (width + groupWidth - 1) / groupWidth;
    shift = 32 - Integer.numberOfLeadingZeros(groups - 1);
    int chunks = (points + chunk - 1) / chunk;
    words = new short[chunks][width / packing.fields][];
    norms = new short[chunks][hasErrors ? 2 : groups][];
    for (int i = 0; i < chunks; i++) {
      int length = chunkLength(i);
      Arrays.setAll(words[i], word -> new short[length]);
      Arrays.setAll(norms[i], group -> new short[length]);
    }
  }

  /** How many codes have a sum of their own, of so many; a multiple of that of the packing. */
  public static int groupWidth(int width, Packing packing) {
    int groups = (width + packing.mostInGroup - 1) / packing.mostInGroup;
    return packing.roundUp((width + groups - 1) / groups);
  }

  /** Filled up to whole vectors. */
  private int chunkLength(int number) {
    return Math.min(chunk, (points - number * chunk + 127) & -128);
  }

  /** How many numbers each query needs beside weights of the codes. */
  static int moreWeights(Packing packing) {
    return packing == Packing.FOUR_BITS ? 1 : 0;
  }

  public int chunkCount() {
    return words.length;
  }

  /** How many points a chunk has, but for the last one. */
  public int chunkSize() {
    return chunk;
  }

  /** How many points of a chunk are such, and no filling. */
  public int chunkPoints(int number) {
    return Math.min(chunk, points - number * chunk);
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
    putWords(point, codes);
    for (int group = 0; group < groups; group++) {
      int sum = 0;
      for (int i = group * groupWidth; i < groupEnd(group); i++) {
        sum += codes[i] * codes[i];
      }
      norms[point / chunk][group][point % chunk] = (short) sum;
    }
  }

  /**
   * Sets codes that have an error of their own.
   *
   * @param norm modulo 2^16
   * @param error {@link #UNPROVED} if the point is always to be compared
   */
  public void put(int point, byte[] codes, short norm, short error) {
    putWords(point, codes);
    norms[point / chunk][0][point % chunk] = norm;
    norms[point / chunk][1][point % chunk] = error;
  }

  /** The error of a point, or {@link #UNPROVED}. */
  int error(int point) {
    return norms[point / chunk][1][point % chunk];
  }

  private void putWords(int point, byte[] codes) {
    short[][] some = words[point / chunk];
    for (int i = 0; i < some.length; i++) {
      some[i][point % chunk] = packing.word(codes, i * packing.fields);
    }
  }

  @Override
  public int weights(int point, short[] weights) {
    short[][] some = words[point / chunk];
    int norm = 0;
    for (int i = 0; i < width; i++) {
      int code = packing.code(some[i / packing.fields][point % chunk], i % packing.fields);
      weights[i] = (short) (-2 * code);
      norm += code * code;
    }
    return norm;
  }

  /** What does not depend on the point; made for each query. */
  public static final class Weights {
    /** By word, then by field. */
    final short[] factors;

    /** By group: what a sum starts with, less 2^15. */
    final int[] constants;

    /** What errors are multiplied by. */
    int perError;

    public Weights(PackedCodes codes) {
      factors = new short[codes.width];
      constants = new int[codes.groups];
    }
  }

  /**
   * Makes the weights of codes ready for {@link #values}.
   *
   * @param base only counts where points have errors of their own
   */
  public void prepare(short[] weights, int base, Weights target) {
    int last = packing.fields - 1;
    for (int i = 0; i < width; i += packing.fields) {
      target.factors[i] = weights[i];
      for (int t = 1; t <= last; t++) {
        target.factors[i + t] = (short) (weights[i + t] - (weights[i + t - 1] << packing.bits));
      }
    }
    for (int group = 0; group < groups; group++) {
      int squares = 0;
      int low = 0;
      for (int i = group * groupWidth; i < groupEnd(group); i++) {
        squares += weights[i] * weights[i];
        low += i % packing.fields == last ? 0 : weights[i];
      }
      int start = hasErrors ? base : squares >> 2;
      target.constants[group] = start - (low << packing.bits - 1) - 32768;
    }
    target.perError = hasErrors ? weights[width] : 0;
  }

  private int groupEnd(int group) {
    return Math.min(width, (group + 1) * groupWidth);
  }

  /** Writes the values of a chunk, less 2^15; those that fill it up included. */
  public void values(int number, Weights weights, short[] target) {
    values(number, weights, target, 0, norms[number][0].length);
  }

  /** The values of some points of a chunk, each to the place that it has in the chunk. */
  private void values(int number, Weights weights, short[] target, int from, int to) {
    boolean isParted = groups > 1;
    short[] sums = isParted ? SCRATCH.get().parts[0] : target;
    startTarget(target, from, to);
    for (int group = 0; group < groups; group++) {
      start(number, group, weights, sums, from, to);
      kernel.addWords(
          packing,
          words[number],
          group * groupWidth / packing.fields,
          groupEnd(group) / packing.fields,
          weights.factors,
          sums,
          from,
          to);
      if (isParted) {
        addShifted(sums, target, from, to, shift);
      }
    }
    admitUnproved(number, target);
  }

  /** What the sums of a group begin with. */
  private void start(int number, int group, Weights weights, short[] sums, int from, int to) {
    short[][] of = norms[number];
    if (hasErrors) {
      start(of[0], of[1], sums, from, to, -weights.perError, weights.constants[0]);
    } else {
      start(of[group], sums, from, to, weights.constants[group]);
    }
  }

  private void admitUnproved(int number, short[] target) {
    if (hasErrors) {
      for (int place : unproved()[number]) {
        target[place] = Short.MIN_VALUE;
      }
    }
  }

  private int[][] unproved() {
    int @Nullable [][] known = unproved;
    if (known == null) {
      known = new int[norms.length][];
      for (int i = 0; i < known.length; i++) {
        short[] errors = norms[i][1];
        known[i] =
            IntStream.range(0, errors.length).filter(place -> errors[place] == UNPROVED).toArray();
      }
      unproved = known;
    }
    return known;
  }

  /** How many points have no proved error. */
  int unprovedCount() {
    return Arrays.stream(unproved()).mapToInt(some -> some.length).sum();
  }

  /**
   * The values of several queries, which share what is read.
   *
   * @param targets by query
   * @param queries at most {@link #MOST_QUERIES}
   */
  public void values(int number, Weights[] weights, short[][] targets, int queries) {
    if (hasErrors && kernel.name().equals("vector")) {
      // Measured: four at a time take twice as long there as one after the other.
      for (int q = 0; q < queries; q++) {
        values(number, weights[q], targets[q]);
      }
      return;
    }
    int to = norms[number][0].length;
    boolean isParted = groups > 1;
    Scratch scratch = SCRATCH.get();
    short[][] sums = isParted ? scratch.parts : targets;
    for (int q = 0; q < queries; q++) {
      scratch.factors[q] = weights[q].factors;
      startTarget(targets[q], 0, to);
    }
    for (int group = 0; group < groups; group++) {
      for (int q = 0; q < queries; q++) {
        start(number, group, weights[q], sums[q], 0, to);
      }
      kernel.addWords(
          packing,
          words[number],
          group * groupWidth / packing.fields,
          groupEnd(group) / packing.fields,
          scratch.factors,
          sums,
          queries,
          to);
      for (int q = 0; isParted && q < queries; q++) {
        addShifted(sums[q], targets[q], 0, to, shift);
      }
    }
    for (int q = 0; q < queries; q++) {
      admitUnproved(number, targets[q]);
    }
  }

  private void startTarget(short[] target, int from, int to) {
    if (groups > 1) {
      Arrays.fill(target, from, to, (short) (groups * (32768 >> shift) - 32768));
    }
  }

  private static void start(short[] norm, short[] sums, int from, int to, int constant) {
    for (int j = from; j < to; j++) {
      sums[j] = (short) (norm[j] + constant);
    }
  }

  private static void start(
      short[] norm, short[] error, short[] sums, int from, int to, int perError, int constant) {
    for (int j = from; j < to; j++) {
      sums[j] = (short) (norm[j] + error[j] * perError + constant);
    }
  }

  private static void addShifted(short[] sums, short[] target, int from, int to, int shift) {
    for (int j = from; j < to; j++) {
      target[j] = (short) (target[j] + (sums[j] >> shift));
    }
  }

  /** How many queries {@link #values(int, Weights[], short[][], int)} takes at a time. */
  public static final int MOST_QUERIES = 4;

  private static final class Scratch {
    final short[][] parts = new short[MOST_QUERIES][Packing.EIGHT_BITS.chunk];
    final short[][] factors = new short[MOST_QUERIES][];
    final short[] values = new short[Packing.FOUR_BITS.chunk];
    @Nullable Weights weights;

    /** Weights for a part of the codes that has no query of its own. */
    Weights weights(PackedCodes codes, short[] from, int base) {
      if (weights == null
          || weights.factors.length != codes.width
          || weights.constants.length != codes.groups) {
        weights = new Weights(codes);
      }
      codes.prepare(from, base, weights);
      return weights;
    }
  }

  /**
   * Marks the places at which a value may be at most {@code limit} (both less 2^15): the mark
   * becomes negative, those of the others do not. Values that are one too great may be marked too.
   */
  public static void mark(short[] values, short[] marks, int length, int limit) {
    mark(values, marks, length, half(limit));
  }

  /** Leaves marks that are there. */
  public static void markToo(short[] values, short[] marks, int length, int limit) {
    markToo(values, marks, length, half(limit));
  }

  private static short half(int limit) {
    return (short) ((limit >> 1) + 1);
  }

  private static void mark(short[] values, short[] marks, int length, short half) {
    int h = half;
    for (int j = 0; j < length; j++) {
      marks[j] = (short) ((values[j] >> 1) - h);
    }
  }

  private static void markToo(short[] values, short[] marks, int length, short half) {
    int h = half;
    for (int j = 0; j < length; j++) {
      marks[j] = (short) (marks[j] | (values[j] >> 1) - h);
    }
  }

  /**
   * Lays the parts of some marks over each other: where any of them is a mark, there is one.
   *
   * @param part for one part of the marks, as long as {@code folded}; C2 vectorizes no loop whose
   *     arrays are read at different places
   */
  public static void fold(short[] marks, short[] part, short[] folded) {
    System.arraycopy(marks, 0, folded, 0, folded.length);
    for (int from = folded.length; from < marks.length; from += folded.length) {
      System.arraycopy(marks, from, part, 0, part.length);
      join(part, folded);
    }
  }

  private static void join(short[] part, short[] folded) {
    for (int j = 0; j < folded.length; j++) {
      folded[j] = (short) (folded[j] | part[j]);
    }
  }

  @Override
  public void values(int block, short[] weights, int base, short[] target, int offset) {
    Scratch scratch = SCRATCH.get();
    int number = block * MULTIPLE / chunk;
    int from = block * MULTIPLE % chunk;
    int to = Math.min(from + MULTIPLE, norms[number][0].length);
    values(number, scratch.weights(this, weights, base), scratch.values, from, to);
    System.arraycopy(scratch.values, from, target, offset, to - from);
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
    Scratch scratch = SCRATCH.get();
    Weights prepared = scratch.weights(this, weights, base);
    short[] sums = scratch.values;
    int most = limit - 32768;
    int count = 0;
    for (int block = fromBlock; block < toBlock; block++) {
      int number = block * MULTIPLE / chunk;
      int from = block * MULTIPLE % chunk;
      int to = Math.min(from + MULTIPLE, norms[number][0].length);
      values(number, prepared, sums, from, to);
      for (int j = from; j < to; j++) {
        if (sums[j] <= most) {
          hits[count] = number * chunk + j;
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
    for (int i = 0; i < norms.length; i++) {
      bytes += 2L * norms[i][0].length * (words[i].length + norms[i].length);
    }
    return bytes;
  }
}
