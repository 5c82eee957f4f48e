package io.facesearch.train;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What a network is fed with, as floats. Thread-safe. */
interface Inputs {
  int size();

  /** Shape of one input. */
  long[] shape();

  /** For messages. */
  String name(int i);

  String identity(int i);

  /**
   * Writes one input.
   *
   * @param random of the augmentation; null for none
   */
  void write(int i, @Nullable SplittableRandom random, FloatBuffer target, int offset)
      throws IOException;

  default int floats() {
    int n = 1;
    for (long side : shape()) {
      n *= (int) side;
    }
    return n;
  }
}
