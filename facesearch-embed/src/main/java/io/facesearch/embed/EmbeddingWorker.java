package io.facesearch.embed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.facesearch.FaceImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Embeds one batch at a time, with an input buffer of its own. Not thread-safe: the pool lends it
 * to one thread. Its buffer is native memory of a tensor, so that {@link #close} frees it at once.
 */
final class EmbeddingWorker implements AutoCloseable {
  private static final int PLANE = DlibResNet.SIZE * DlibResNet.SIZE;
  private static final int CHIP = 3 * PLANE;

  /** What a byte of R, G or B becomes: (value - mean) / 255. */
  private static final float[][] NORMALISED = new float[3][256];

  static {
    for (int c = 0; c < 3; c++) {
      for (int v = 0; v < 256; v++) {
        NORMALISED[c][v] = (v - DefaultModel.MEAN[c]) / 255f;
      }
    }
  }

  private final NDManager manager;
  private final DlibResNet network;
  private final boolean mirror;
  private final ByteBuffer bytes;
  private final FloatBuffer floats;
  private final float[] row = new float[DlibResNet.SIZE];

  /**
   * Reserves the buffer.
   *
   * @param parent of the worker's own manager
   * @param network shared by all workers
   * @param capacity most inputs in a batch; with mirror images a chip is two
   * @param mirror whether a vector is the mean of those of chip and mirror image
   */
  EmbeddingWorker(NDManager parent, DlibResNet network, int capacity, boolean mirror) {
    this.network = network;
    this.mirror = mirror;
    manager = parent.newSubManager();
    NDArray input =
        manager.zeros(new Shape(capacity, 3, DlibResNet.SIZE, DlibResNet.SIZE), DataType.FLOAT32);
    bytes = input.toByteBuffer(true).order(ByteOrder.nativeOrder());
    floats = bytes.asFloatBuffer();
  }

  /** Embeds chips of the right size, as many as fit. */
  List<float[]> embed(List<FaceImage> chips) {
    int inputs = 0;
    for (FaceImage chip : chips) {
      fill(chip, inputs++, false);
      if (mirror) {
        fill(chip, inputs++, true);
      }
    }
    float[] flat;
    try (NDManager scope = manager.newSubManager()) {
      ByteBuffer used = bytes.duplicate().order(ByteOrder.nativeOrder());
      used.position(0).limit(Float.BYTES * CHIP * inputs);
      Shape shape = new Shape(inputs, 3, DlibResNet.SIZE, DlibResNet.SIZE);
      NDArray input = scope.create(used, shape, DataType.FLOAT32);
      flat = network.forward(input).toFloatArray();
    }
    List<float[]> vectors = new ArrayList<>(chips.size());
    for (int i = 0; i < flat.length; i += (mirror ? 2 : 1) * DlibResNet.DIMENSION) {
      float[] vector = Arrays.copyOfRange(flat, i, i + DlibResNet.DIMENSION);
      for (int d = 0; mirror && d < vector.length; d++) {
        vector[d] = (vector[d] + flat[i + vector.length + d]) / 2;
      }
      vectors.add(vector);
    }
    return vectors;
  }

  private void fill(FaceImage chip, int slot, boolean flipped) {
    ByteBuffer rgb = chip.rgb();
    int size = DlibResNet.SIZE;
    for (int c = 0; c < 3; c++) {
      float[] normalised = NORMALISED[c];
      for (int y = 0; y < size; y++) {
        int i = 3 * y * size + c;
        for (int x = 0; x < size; x++) {
          row[flipped ? size - 1 - x : x] = normalised[rgb.get(i + 3 * x) & 0xff];
        }
        floats.put(slot * CHIP + c * PLANE + y * size, row);
      }
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
