package io.facesearch.embed;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The frozen first layers of a {@link FaceNetwork}, for one image at a time; see {@link
 * FaceNetwork#extractor}. Thread-safe: each call runs on the calling thread. Holds native memory
 * until it is closed; do not close it during a call.
 */
public final class FeatureExtractor implements AutoCloseable {
  private final Network network;
  private final long[] image;
  private final Deque<Network.Runner> idle = new ArrayDeque<>();

  FeatureExtractor(Network network, long... image) {
    this.network = network;
    this.image = image.clone();
  }

  /** Writes the preprocessed pixels of an image. */
  @FunctionalInterface
  public interface Pixels {
    /**
     * Writes 3 x height x width values.
     *
     * @param target the buffer to write to
     * @param offset index of the first value
     * @throws IOException if the image cannot be read
     */
    void write(FloatBuffer target, int offset) throws IOException;
  }

  /**
   * Runs the layers on one image.
   *
   * @param pixels the image
   * @return the feature map, channels x height x width, row by row
   * @throws IOException if the image cannot be read
   */
  public float[] extract(Pixels pixels) throws IOException {
    Network.Runner runner = take();
    try {
      pixels.write(runner.input(), 0);
      return runner.run(1, false);
    } finally {
      synchronized (idle) {
        idle.push(runner);
      }
    }
  }

  private Network.Runner take() {
    synchronized (idle) {
      if (!idle.isEmpty()) {
        return idle.pop();
      }
    }
    return network.newRunner(1, image);
  }

  @Override
  public void close() {
    idle.forEach(Network.Runner::close);
    network.close();
  }
}
