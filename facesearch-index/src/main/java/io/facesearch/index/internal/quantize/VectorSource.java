package io.facesearch.index.internal.quantize;

/** Vectors of one dimension that are read one by one, in any order, wherever they lie. */
public interface VectorSource {
  /** Copies the vector of a row to {@code target}, from {@code offset} on. */
  void copyTo(int row, float[] target, int offset);

  /** Whether several threads may read at the same time. */
  boolean isThreadSafe();

  /** Vectors one behind the other. */
  static VectorSource of(float[] rows, int dimension) {
    return new VectorSource() {
      @Override
      public void copyTo(int row, float[] target, int offset) {
        System.arraycopy(rows, row * dimension, target, offset, dimension);
      }

      @Override
      public boolean isThreadSafe() {
        return true;
      }
    };
  }
}
