package io.facesearch.embed;

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
}
