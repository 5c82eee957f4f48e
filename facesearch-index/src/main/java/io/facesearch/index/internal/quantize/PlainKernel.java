package io.facesearch.index.internal.quantize;

/**
 * Plain Java, whose loops the C2 compiler vectorizes without any flag. It does so (on Java 17 and
 * 25) if all arrays of a loop are read at the same place and there are few of them; offsets that
 * differ, four words in a loop, two sums in a loop, or {@code Math.min} make it 2 to 80 times
 * slower, which {@code FreshJvms} in the benchmarks shows.
 */
public final class PlainKernel implements BoundKernel {
  public static final PlainKernel INSTANCE = new PlainKernel();

  /** Not the name: files of older releases hold other codes under that. */
  static final String LAYOUT = Packing.EIGHT_BITS.layout;

  private PlainKernel() {}

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public String layout() {
    return LAYOUT;
  }

  @Override
  public int firstWidth() {
    return 64;
  }

  @Override
  public int neighbors() {
    return 12;
  }

  @Override
  public CodeBlocks newBlocks(int points, int width) {
    return new PackedCodes(this, points, width);
  }

  @Override
  public void addWords(
      Packing packing,
      short[][] words,
      int first,
      int end,
      short[] factors,
      short[] sums,
      int from,
      int to) {
    int step = wordsAtOnce(packing);
    for (int i = first; i < end; i += step) {
      add(packing, words, i, factors, sums, from, to);
    }
  }

  @Override
  public void addWords(
      Packing packing,
      short[][] words,
      int first,
      int end,
      short[][] factors,
      short[][] sums,
      int queries,
      int to) {
    int step = wordsAtOnce(packing);
    for (int i = first; i < end; i += step) {
      for (int q = 0; q < queries; q++) {
        add(packing, words, i, factors[q], sums[q], 0, to);
      }
    }
  }

  /** How many words {@link #add} adds: as many as have four codes. */
  static int wordsAtOnce(Packing packing) {
    return 4 / packing.fields;
  }

  /** Adds the words from a place on. */
  static void add(
      Packing packing, short[][] words, int i, short[] k, short[] sums, int from, int to) {
    int at = i * packing.fields;
    if (packing == Packing.EIGHT_BITS) {
      addPairs(words[i], words[i + 1], sums, from, to, k[at], k[at + 1], k[at + 2], k[at + 3]);
    } else {
      addFours(words[i], sums, from, to, k[at], k[at + 1], k[at + 2], k[at + 3]);
    }
  }

  private static void addPairs(
      short[] w, short[] v, short[] sums, int from, int to, int k0, int k1, int k2, int k3) {
    for (int j = from; j < to; j++) {
      sums[j] = (short) (sums[j] + w[j] * k0 + (w[j] >> 8) * k1 + v[j] * k2 + (v[j] >> 8) * k3);
    }
  }

  private static void addFours(
      short[] w, short[] sums, int from, int to, int k0, int k1, int k2, int k3) {
    for (int j = from; j < to; j++) {
      sums[j] =
          (short) (sums[j] + w[j] * k0 + (w[j] >> 4) * k1 + (w[j] >> 8) * k2 + (w[j] >> 12) * k3);
    }
  }

  @Override
  public void rotate(double[] vector, double[][] columns, double[] result) {
    int whole = vector.length & -4;
    for (int j = 0; j < whole; j += 4) {
      addColumns(
          result,
          columns[j],
          columns[j + 1],
          columns[j + 2],
          columns[j + 3],
          vector[j],
          vector[j + 1],
          vector[j + 2],
          vector[j + 3]);
    }
    for (int j = whole; j < vector.length; j++) {
      double[] column = columns[j];
      double weight = vector[j];
      for (int i = 0; i < result.length; i++) {
        result[i] += weight * column[i];
      }
    }
  }

  private static void addColumns(
      double[] result,
      double[] c0,
      double[] c1,
      double[] c2,
      double[] c3,
      double w0,
      double w1,
      double w2,
      double w3) {
    for (int i = 0; i < result.length; i++) {
      result[i] += w0 * c0[i] + w1 * c1[i] + w2 * c2[i] + w3 * c3[i];
    }
  }

  @Override
  public int rowDistance(short[] query, byte[] rows, int offset) {
    int a = 0;
    int b = 0;
    int c = 0;
    int d = 0;
    int last = query.length - 1;
    for (int i = 0; i <= last; i += 4) {
      int at = offset + i;
      int d0 = query[i] - rows[at];
      int d1 = query[i + 1] - rows[at + 1];
      int d2 = query[i + 2] - rows[at + 2];
      int d3 = query[i + 3] - rows[at + 3];
      a += d0 * d0;
      b += d1 * d1;
      c += d2 * d2;
      d += d3 * d3;
    }
    int end = rows[offset + last];
    return a + b + c + d - end * end;
  }

  @Override
  public int pairsDot(int[] low, int[] high, byte[] rows, int offset) {
    return pairsDot(low, high, rows, offset, 0);
  }

  static int pairsDot(int[] low, int[] high, byte[] rows, int offset, int from) {
    int sum = 0;
    for (int i = from; i < low.length; i++) {
      int two = rows[offset + i];
      sum += low[i] * (two & 15) + high[i] * (two >> 4);
    }
    return sum;
  }

  @Override
  public double dot(double[] weights, int offset, double[] query) {
    return Kernel.dot(weights, offset, query);
  }

  @Override
  public double squaredDistance(double[] query, float[] rows, int offset, double limit) {
    return Kernel.squaredDistance(query, rows, offset, limit);
  }
}
