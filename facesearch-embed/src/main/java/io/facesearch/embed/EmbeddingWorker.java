package io.facesearch.embed;

import io.facesearch.FaceImage;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Embeds one batch at a time, with an input buffer of its own. Not thread-safe: the pool lends it
 * to one thread.
 */
final class EmbeddingWorker implements AutoCloseable {
  private final Network.Runner runner;
  private final Preprocessing preprocessing;
  private final boolean mirror;
  private final boolean normalize;
  private final FloatBuffer input;

  /**
   * Reserves the buffer.
   *
   * @param network shared by all workers
   * @param preprocessing of each chip
   * @param capacity most chips in a batch
   * @param mirror whether a vector is the mean of those of chip and mirror image
   * @param normalize whether a vector is divided by its norm
   */
  EmbeddingWorker(
      Network network,
      Preprocessing preprocessing,
      int capacity,
      boolean mirror,
      boolean normalize) {
    this.normalize = normalize;
    this.preprocessing = preprocessing;
    this.mirror = mirror;
    runner = network.newRunner(mirror ? 2 * capacity : capacity, preprocessing.shape());
    input = runner.input();
  }

  /** Embeds chips of the right size, as many as fit. */
  List<float[]> embed(List<FaceImage> chips, boolean alone) {
    int inputs = 0;
    for (FaceImage chip : chips) {
      preprocessing.write(chip, false, input, preprocessing.size() * inputs++);
      if (mirror) {
        preprocessing.write(chip, true, input, preprocessing.size() * inputs++);
      }
    }
    float[] flat = runner.run(inputs, alone);
    int dimension = flat.length / inputs;
    List<float[]> vectors = new ArrayList<>(chips.size());
    for (int i = 0; i < flat.length; i += (mirror ? 2 : 1) * dimension) {
      float[] vector = Arrays.copyOfRange(flat, i, i + dimension);
      for (int d = 0; mirror && d < dimension; d++) {
        vector[d] = (vector[d] + flat[i + dimension + d]) / 2;
      }
      if (normalize) {
        normalize(vector);
      }
      vectors.add(vector);
    }
    return vectors;
  }

  private static void normalize(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    float factor = (float) (1 / Math.max(Math.sqrt(squares), 1e-12));
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= factor;
    }
  }

  @Override
  public void close() {
    runner.close();
  }
}
