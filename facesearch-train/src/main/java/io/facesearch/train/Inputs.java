package io.facesearch.train;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;

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
  void write(int i, SplittableRandom random, FloatBuffer target, int offset) throws IOException;

  default int floats() {
    int n = 1;
    for (long side : shape()) {
      n *= (int) side;
    }
    return n;
  }
}
