package io.facesearch.embed;

import java.nio.FloatBuffer;

/**
 * A network ready for inference, on one of the engines. Thread-safe; each thread takes a runner of
 * its own.
 */
interface Network extends AutoCloseable {
  /** Length of a vector. */
  int dimension();

  /** Below this size a batch loses more than a second thread gains. */
  int smallestBatch();

  /**
   * Whether a batch may run in the thread of whoever asks. Else few threads run all batches, since
   * malloc keeps freed memory for each thread that used some.
   */
  boolean runsInAnyThread();

  /**
   * Makes a runner, to be closed before the network.
   *
   * @param capacity most images in a batch
   * @param image shape of one: 3, height, width or height, width, 3
   */
  Runner newRunner(int capacity, long... image);

  /** Frees all native memory. Call when no runner runs. */
  @Override
  void close();

  /** Runs one batch at a time; not thread-safe. Its buffer is native memory. */
  interface Runner extends AutoCloseable {
    /** The input: images in a row. */
    FloatBuffer input();

    /**
     * Runs the first images of the input.
     *
     * @param n how many
     * @param alone whether nothing else runs, so that all cores may work on it
     * @return n vectors in a row
     */
    float[] run(int n, boolean alone);

    @Override
    void close();
  }
}
