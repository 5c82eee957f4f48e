package io.facesearch.index.internal.quantize;

import java.util.Arrays;

/** A vector on its way to its codes. Not thread-safe. */
public final class CodedPoint {
  private final QuantizedVectors codes;
  private final float[] vector;
  private final double[] centered;
  final double[] rotated;

  /** ‖z‖. */
  double norm;

  /** p. */
  double firstRest;

  /** r. */
  double secondRest;

  public CodedPoint(QuantizedVectors codes) {
    this.codes = codes;
    vector = new float[codes.dimension];
    centered = new double[codes.dimension];
    rotated = codes.isWhole ? centered : new double[codes.rotation.columns[0].length];
  }

  void rotate(VectorSource vectors, int row) {
    vectors.copyTo(row, vector, 0);
    rotate(vector, 0);
  }

  public void rotate(float[] vectors, int offset) {
    for (int j = 0; j < centered.length; j++) {
      centered[j] = (double) vectors[offset + j] - codes.rotation.center[j];
    }
    rotate();
  }

  public void rotate(double[] vector) {
    for (int j = 0; j < centered.length; j++) {
      centered[j] = vector[j] - codes.rotation.center[j];
    }
    rotate();
  }

  private void rotate() {
    if (codes.isWhole) {
      norm = Math.sqrt(Kernel.dot(centered, 0, centered));
      return;
    }
    Arrays.fill(rotated, 0);
    codes.kernel.rotate(centered, codes.rotation.columns, rotated);
    double all = Kernel.dot(centered, 0, centered);
    double taken = 0;
    for (int i = 0; i < codes.first; i++) {
      taken += rotated[i] * rotated[i];
    }
    norm = Math.sqrt(all);
    firstRest = Math.sqrt(Math.max(0, all - taken));
    for (int i = codes.first; i < codes.first + codes.second; i++) {
      taken += rotated[i] * rotated[i];
    }
    secondRest = Math.sqrt(Math.max(0, all - taken));
  }
}
