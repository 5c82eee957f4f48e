package io.facesearch.index;

import java.util.Arrays;
import java.util.List;

/**
 * Plain Java that the C2 compiler turns into vector instructions without any flag.
 *
 * <p>C2 does that reliably for {@code int} columns in arrays of their own. So each {@code int}
 * holds the codes of two points, {@code low + 2^16 · high}, and one multiplication serves both:
 * modulo 2^32 the sum is {@code A + 2^16 · B} with the sums A and B of the two points. Its low half
 * is A mod 2^16; its high half is {@code (B + ⌊A / 2^16⌋) mod 2^16}. As 0 ≤ A < 2^16 · width, the
 * carry ⌊A / 2^16⌋ is from 0 to width − 1, so the high half less the width is at most B mod 2^16 —
 * or B + carry wrapped round, and then the high half itself is less than the carry.
 */
final class PlainKernel implements BoundKernel {
  static final PlainKernel INSTANCE = new PlainKernel();

  private PlainKernel() {}

  @Override
  public String name() {
    return "scalar";
  }

  /**
   * Two bytes a code: with more, an index of 128 dimensions would outgrow 1.35 times its vectors.
   */
  @Override
  public int firstWidth() {
    return 48;
  }

  @Override
  public int neighbours() {
    return 5;
  }

  @Override
  public CodeBlocks newBlocks(int points, int width) {
    return new Blocks(points, width);
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
  public double dot(double[] weights, int offset, double[] query) {
    return Kernel.dot(weights, offset, query);
  }

  @Override
  public double squaredDistance(double[] query, float[] rows, int offset, double limit) {
    return Kernel.squaredDistance(query, rows, offset, limit);
  }

  private static final class Blocks implements CodeBlocks {
    private static final int HALF = MULTIPLE / 2;

    private final int width;

    /**
     * By block and place; point p of a block lies in int p mod 512, the first 512 in low halves.
     */
    private final int[][][] columns;

    private final int[][] norms;

    Blocks(int points, int width) {
      this.width = width;
      int blocks = (points + MULTIPLE - 1) / MULTIPLE;
      columns = new int[blocks][width][HALF];
      norms = new int[blocks][HALF];
    }

    @Override
    public int blockPoints() {
      return MULTIPLE;
    }

    @Override
    public int blockCount() {
      return norms.length;
    }

    @Override
    public void put(int point, byte[] codes, int norm) {
      int block = point / MULTIPLE;
      int place = point % MULTIPLE % HALF;
      int shift = point % MULTIPLE < HALF ? 0 : 16;
      for (int i = 0; i < width; i++) {
        columns[block][i][place] += codes[i] << shift;
      }
      norms[block][place] += norm << shift;
    }

    @Override
    public int weights(int point, short[] weights) {
      int block = point / MULTIPLE;
      int place = point % MULTIPLE % HALF;
      int norm = 0;
      for (int i = 0; i < width; i++) {
        int both = columns[block][i][place];
        short low = (short) both;
        int code = point % MULTIPLE < HALF ? low : (both - low) >> 16;
        weights[i] = (short) (-2 * code);
        norm += code * code;
      }
      return norm;
    }

    /** The sums of both halves of a block. */
    private void sums(int block, short[] weights, int base, int[] sums) {
      int[] norm = norms[block];
      int both = base + (base << 16);
      for (int j = 0; j < HALF; j++) {
        sums[j] = norm[j] + both;
      }
      int[][] c = columns[block];
      for (int i = 0; i < width; i += 4) {
        addColumns(
            sums,
            c[i],
            c[i + 1],
            c[i + 2],
            c[i + 3],
            weights[i],
            weights[i + 1],
            weights[i + 2],
            weights[i + 3]);
      }
    }

    private static void addColumns(
        int[] sums, int[] c0, int[] c1, int[] c2, int[] c3, int w0, int w1, int w2, int w3) {
      for (int j = 0; j < HALF; j++) {
        sums[j] += w0 * c0[j] + w1 * c1[j] + w2 * c2[j] + w3 * c3[j];
      }
    }

    @Override
    public void values(int block, short[] weights, int base, short[] target, int offset) {
      int[] sums = SUMS.get();
      sums(block, weights, base, sums);
      for (int j = 0; j < HALF; j++) {
        target[offset + j] = low(sums[j]);
        target[offset + HALF + j] = high(sums[j]);
      }
    }

    private static short low(int sum) {
      return (short) (sum - 32768);
    }

    private short high(int sum) {
      return (short) (Math.max(0, (sum >>> 16) - width) - 32768);
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
      int[] sums = SUMS.get();
      int count = 0;
      int highLimit = limit + width;
      for (int block = fromBlock; block < toBlock; block++) {
        sums(block, weights, base, sums);
        int first = block * MULTIPLE;
        for (int j = 0; j < HALF; j++) {
          if ((sums[j] & 0xffff) <= limit) {
            hits[count] = first + j;
            values[count++] = low(sums[j]);
          }
          if ((sums[j] >>> 16) <= highLimit) {
            hits[count] = first + HALF + j;
            values[count++] = high(sums[j]);
          }
        }
      }
      return count;
    }

    @Override
    public List<Object[]> arrays() {
      return List.of(Arrays.stream(columns).flatMap(Arrays::stream).toArray(), norms);
    }

    @Override
    public long bytes() {
      return 4L * HALF * norms.length * (width + 1);
    }

    private static final ThreadLocal<int[]> SUMS = ThreadLocal.withInitial(() -> new int[HALF]);
  }
}
