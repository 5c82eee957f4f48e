package io.facesearch.embed;

import java.util.Arrays;
import java.util.Set;

/** Named tensors of a file. */
interface TensorFile {
  /** Names, in the order of the file. */
  Set<String> names();

  /** Shape of a tensor. */
  long[] shape(String name);

  /**
   * Values of a floating point tensor, row-major.
   *
   * @throws WeightsFormatException if there is no such tensor, or its shape or type differ
   */
  float[] floats(String name, long... shape);

  /** Refuses a tensor of another shape. */
  static void requireShape(Object file, String name, long[] expected, long[] found) {
    if (!Arrays.equals(expected, found)) {
      throw new WeightsFormatException(
          file
              + ": tensor "
              + name
              + ": expected shape "
              + Arrays.toString(expected)
              + ", but found "
              + Arrays.toString(found));
    }
  }
}
