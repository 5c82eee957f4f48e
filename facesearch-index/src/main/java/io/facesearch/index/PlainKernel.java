package io.facesearch.index;

/** Plain Java, whose loops the C2 compiler vectorises without any flag; see {@link PackedCodes}. */
final class PlainKernel implements BoundKernel {
  static final PlainKernel INSTANCE = new PlainKernel();

  /** Not the name: files of older releases hold other codes under that. */
  static final String LAYOUT = "packed";

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
  public int neighbours() {
    return 12;
  }

  @Override
  public CodeBlocks newBlocks(int points, int width) {
    return new PackedCodes(points, width);
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
}
