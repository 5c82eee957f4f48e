package io.facesearch.internal.image;

import java.util.Arrays;

/**
 * One component (such as luma) of a JPEG that is being decoded: its place in the frame, its
 * coefficients until they are complete, and its samples.
 */
final class JpegComponent {
  /** From the order in the file to the place in a block. */
  private static final byte[] NATURAL = {
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63
  };

  // Constants of the transform, times 2^13, as in the reference implementation.
  private static final int F_0_298 = 2446;
  private static final int F_0_390 = 3196;
  private static final int F_0_541 = 4433;
  private static final int F_0_765 = 6270;
  private static final int F_0_899 = 7373;
  private static final int F_1_175 = 9633;
  private static final int F_1_501 = 12299;
  private static final int F_1_847 = 15137;
  private static final int F_1_961 = 16069;
  private static final int F_2_053 = 16819;
  private static final int F_2_562 = 20995;
  private static final int F_3_072 = 25172;

  // Of the transform to half the size.
  private static final int F_0_211 = 1730;
  private static final int F_0_509 = 4176;
  private static final int F_0_601 = 4926;
  private static final int F_1_061 = 8697;
  private static final int F_1_451 = 11893;
  private static final int F_2_172 = 17799;

  /** Samples by what the transform gives: 128 is added, and what is beyond 0 to 255 cut off. */
  private static final byte[] SAMPLES = new byte[1024];

  static {
    for (int i = 0; i < SAMPLES.length; i++) {
      int value = i < 512 ? i : i - 1024;
      SAMPLES[i] = (byte) (Math.max(-128, Math.min(127, value)) + 128);
    }
  }

  static final byte[] NO_BYTES = {};
  private static final short[] NO_SHORTS = {};

  final int id;
  final int horizontal;
  final int vertical;
  final int table;

  /** Samples that are part of the picture. */
  final int width;

  final int height;

  /** Blocks that hold these. */
  final int blocksX;

  final int blocksY;

  /** Blocks a row that scans of several components hold. */
  final int paddedX;

  /** Samples a row. */
  final int stride;

  /** Samples a side that a block becomes. */
  private final int side;

  private final int size;

  /** Of progressive JPEG, there once the coefficients are complete. */
  byte[] samples = NO_BYTES;

  /** The quantization table at the time of the first scan, in the order of the file. */
  int[] quantization = {};

  /** Of progressive JPEG: 64 a block, in the order of the file. */
  short[] coefficients = NO_SHORTS;

  /** Place of the last coefficient of a block that is not zero, if any. */
  byte[] last = NO_BYTES;

  /** Bits of each coefficient that are still to come; -1: none has come yet. */
  final byte[] missing = new byte[64];

  // The decoder sets the tables of a scan before it reads blocks of it.
  @SuppressWarnings("NullAway.Init")
  JpegBits.Codes dcCodes;

  @SuppressWarnings("NullAway.Init")
  JpegBits.Codes acCodes;

  int dc;

  private final int[] block = new int[64];

  /** The component of the whole picture. */
  JpegComponent(JpegFile file, int index) {
    this(file, index, file.width(), file.height(), 8);
  }

  /**
   * The component of a picture of the file's kind.
   *
   * @param pictureWidth of the whole picture, or of a part that starts where a unit of the scan
   *     does
   * @param side samples a side that a block becomes: 8, or 4 for half the size
   */
  JpegComponent(JpegFile file, int index, int pictureWidth, int pictureHeight, int side) {
    this.side = side;
    id = file.componentId(index);
    horizontal = file.horizontal(index);
    vertical = file.vertical(index);
    table = file.quantizationTable(index);
    width = divideUp(pictureWidth * horizontal, file.maxHorizontal());
    height = divideUp(pictureHeight * vertical, file.maxVertical());
    blocksX = divideUp(width, 8);
    blocksY = divideUp(height, 8);
    paddedX = divideUp(pictureWidth, 8 * file.maxHorizontal()) * horizontal;
    int paddedY = divideUp(pictureHeight, 8 * file.maxVertical()) * vertical;
    stride = side * paddedX;
    size = Math.multiplyExact(stride, side * paddedY);
    if (file.isProgressive()) {
      coefficients = new short[size];
      last = new byte[size / 64];
    } else {
      samples = new byte[size];
    }
    Arrays.fill(missing, (byte) -1);
  }

  static int divideUp(int a, int b) {
    return (int) (((long) a + b - 1) / b);
  }

  /** Sets a coefficient of the block that {@link #transform} turns into samples. */
  void put(int k, int value) {
    block[NATURAL[k]] = value * quantization[k];
  }

  /** Coefficients of progressive JPEG become samples. */
  void finish() {
    samples = new byte[size];
    for (int y = 0; y < blocksY; y++) {
      for (int x = 0; x < blocksX; x++) {
        int b = y * paddedX + x;
        int end = last[b];
        for (int k = 0, from = 64 * b; k <= end; k++, from++) {
          if (coefficients[from] != 0) {
            put(k, coefficients[from]);
          }
        }
        transform(x, y, end);
      }
    }
    coefficients = NO_SHORTS;
    last = NO_BYTES;
  }

  /**
   * Turns the block into samples by the transform that everybody takes (Loeffler, Ligtenberg and
   * Moschytz in integers, "islow"), so with the same pixels, and clears it.
   *
   * @param end place of the last coefficient, in the order of the file
   */
  void transform(int blockX, int blockY, int end) {
    int[] b = block;
    if (side == 4) {
      halve(b, 4 * blockY * stride + 4 * blockX, end);
      return;
    }
    int to = 8 * blockY * stride + 8 * blockX;
    if (end == 0) {
      byte value = clamp(((b[0] << 2) + 16) >> 5);
      b[0] = 0;
      for (int y = 0; y < 8; y++, to += stride) {
        Arrays.fill(samples, to, to + 8, value);
      }
      return;
    }
    int columns = end < 10 ? 4 : 8; // the first ten lie in the first four rows and columns
    for (int x = 0; x < columns; x++) {
      column(b, x);
    }
    for (int y = 0, i = 0; y < 8; y++, i += 8, to += stride) {
      row(b, i, to);
    }
    Arrays.fill(b, 0);
  }

  private static void column(int[] b, int x) {
    int in0 = b[x];
    int in1 = b[x + 8];
    int in2 = b[x + 16];
    int in3 = b[x + 24];
    int in4 = b[x + 32];
    int in5 = b[x + 40];
    int in6 = b[x + 48];
    int in7 = b[x + 56];
    if ((in1 | in2 | in3 | in4 | in5 | in6 | in7) == 0) {
      int dc = in0 << 2;
      for (int i = x; i < 64; i += 8) {
        b[i] = dc;
      }
      return;
    }
    int z1 = (in2 + in6) * F_0_541;
    int even2 = z1 - in6 * F_1_847;
    int even3 = z1 + in2 * F_0_765;
    int even0 = (in0 + in4) << 13;
    int even1 = (in0 - in4) << 13;
    int t10 = even0 + even3 + 1024;
    int t13 = even0 - even3 + 1024;
    int t11 = even1 + even2 + 1024;
    int t12 = even1 - even2 + 1024;
    int z5 = (in7 + in3 + in5 + in1) * F_1_175;
    int z3 = z5 - (in7 + in3) * F_1_961;
    int z4 = z5 - (in5 + in1) * F_0_390;
    int z71 = (in7 + in1) * F_0_899;
    int z53 = (in5 + in3) * F_2_562;
    int o0 = in7 * F_0_298 - z71 + z3;
    int o1 = in5 * F_2_053 - z53 + z4;
    int o2 = in3 * F_3_072 - z53 + z3;
    int o3 = in1 * F_1_501 - z71 + z4;
    b[x] = (t10 + o3) >> 11;
    b[x + 56] = (t10 - o3) >> 11;
    b[x + 8] = (t11 + o2) >> 11;
    b[x + 48] = (t11 - o2) >> 11;
    b[x + 16] = (t12 + o1) >> 11;
    b[x + 40] = (t12 - o1) >> 11;
    b[x + 24] = (t13 + o0) >> 11;
    b[x + 32] = (t13 - o0) >> 11;
  }

  private void row(int[] b, int i, int to) {
    int in0 = b[i];
    int in1 = b[i + 1];
    int in2 = b[i + 2];
    int in3 = b[i + 3];
    int in4 = b[i + 4];
    int in5 = b[i + 5];
    int in6 = b[i + 6];
    int in7 = b[i + 7];
    int z1 = (in2 + in6) * F_0_541;
    int even2 = z1 - in6 * F_1_847;
    int even3 = z1 + in2 * F_0_765;
    int even0 = (in0 + in4) << 13;
    int even1 = (in0 - in4) << 13;
    int t10 = even0 + even3 + (1 << 17);
    int t13 = even0 - even3 + (1 << 17);
    int t11 = even1 + even2 + (1 << 17);
    int t12 = even1 - even2 + (1 << 17);
    int z5 = (in7 + in3 + in5 + in1) * F_1_175;
    int z3 = z5 - (in7 + in3) * F_1_961;
    int z4 = z5 - (in5 + in1) * F_0_390;
    int z71 = (in7 + in1) * F_0_899;
    int z53 = (in5 + in3) * F_2_562;
    int o0 = in7 * F_0_298 - z71 + z3;
    int o1 = in5 * F_2_053 - z53 + z4;
    int o2 = in3 * F_3_072 - z53 + z3;
    int o3 = in1 * F_1_501 - z71 + z4;
    byte[] s = samples;
    s[to] = clamp((t10 + o3) >> 18);
    s[to + 7] = clamp((t10 - o3) >> 18);
    s[to + 1] = clamp((t11 + o2) >> 18);
    s[to + 6] = clamp((t11 - o2) >> 18);
    s[to + 2] = clamp((t12 + o1) >> 18);
    s[to + 5] = clamp((t12 - o1) >> 18);
    s[to + 3] = clamp((t13 + o0) >> 18);
    s[to + 4] = clamp((t13 - o0) >> 18);
  }

  /**
   * The same transform to 4x4 samples, each of which is the mean of four of the whole one: what
   * libjpeg does, and what shrinking by area would give.
   */
  private void halve(int[] b, int at, int end) {
    int to = at;
    if (end == 0) {
      byte value = clamp((b[0] + 4) >> 3);
      b[0] = 0;
      for (int y = 0; y < 4; y++, to += stride) {
        Arrays.fill(samples, to, to + 4, value);
      }
      return;
    }
    int columns = end < 10 ? 4 : 8; // the first ten lie in the first four rows and columns
    for (int x = 0; x < columns; x++) {
      if (x == 4) {
        continue; // in the mean of two neighbors it cancels out
      }
      int even0 = b[x] << 14;
      int even2 = b[x + 16] * F_1_847 - b[x + 48] * F_0_765;
      int t10 = even0 + even2 + 2048;
      int t12 = even0 - even2 + 2048;
      int in1 = b[x + 8];
      int in3 = b[x + 24];
      int in5 = b[x + 40];
      int in7 = b[x + 56];
      int o0 = in5 * F_1_451 - in7 * F_0_211 - in3 * F_2_172 + in1 * F_1_061;
      int o2 = in3 * F_0_899 - in7 * F_0_509 - in5 * F_0_601 + in1 * F_2_562;
      b[x] = (t10 + o2) >> 12;
      b[x + 24] = (t10 - o2) >> 12;
      b[x + 8] = (t12 + o0) >> 12;
      b[x + 16] = (t12 - o0) >> 12;
    }
    byte[] s = samples;
    for (int i = 0; i < 32; i += 8, to += stride) {
      int even0 = b[i] << 14;
      int even2 = b[i + 2] * F_1_847 - b[i + 6] * F_0_765;
      int t10 = even0 + even2 + (1 << 18);
      int t12 = even0 - even2 + (1 << 18);
      int in1 = b[i + 1];
      int in3 = b[i + 3];
      int in5 = b[i + 5];
      int in7 = b[i + 7];
      int o0 = in5 * F_1_451 - in7 * F_0_211 - in3 * F_2_172 + in1 * F_1_061;
      int o2 = in3 * F_0_899 - in7 * F_0_509 - in5 * F_0_601 + in1 * F_2_562;
      s[to] = clamp((t10 + o2) >> 19);
      s[to + 3] = clamp((t10 - o2) >> 19);
      s[to + 1] = clamp((t12 + o0) >> 19);
      s[to + 2] = clamp((t12 - o0) >> 19);
    }
    Arrays.fill(b, 0);
  }

  private static byte clamp(int value) {
    return SAMPLES[value & (SAMPLES.length - 1)];
  }
}
