package io.facesearch.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Runs a block of a network over images in inference mode, in batches. Not thread-safe. */
final class Inference {
  private static final int BATCH = 32;

  private final NDManager manager;
  private final @Nullable Block trunk;

  /**
   * Prepares to run blocks.
   *
   * @param trunk what comes before them; null if the inputs are what it makes of images
   */
  Inference(NDManager manager, @Nullable Block trunk) {
    this.manager = manager;
    this.trunk = trunk;
  }

  /**
   * Gives a block what the trunk makes of some images.
   *
   * @return one row an image
   */
  float[][] run(Block block, Inputs images, int[] which) throws IOException {
    int floats = images.floats();
    long[] one = images.shape();
    float[][] vectors = new float[which.length][];
    try (NDArray buffer = manager.create(new Shape(BATCH, floats), DataType.FLOAT32)) {
      ByteBuffer bytes = buffer.toByteBuffer(true).order(ByteOrder.nativeOrder());
      FloatBuffer target = bytes.asFloatBuffer();
      for (int from = 0; from < vectors.length; from += BATCH) {
        int n = Math.min(BATCH, vectors.length - from);
        for (int i = 0; i < n; i++) {
          images.write(which[from + i], null, target, i * floats);
        }
        try (NDManager scope = manager.newSubManager()) {
          ParameterStore store = new ParameterStore(scope, false);
          NDArray x =
              scope.create(
                  bytes.duplicate().order(ByteOrder.nativeOrder()).limit(4 * n * floats),
                  new Shape(n, one[0], one[1], one[2]),
                  DataType.FLOAT32);
          if (trunk != null) {
            x = trunk.forward(store, new NDList(x), false).singletonOrThrow();
          }
          float[] all =
              block.forward(store, new NDList(x), false).singletonOrThrow().toFloatArray();
          int width = all.length / n;
          for (int i = 0; i < n; i++) {
            vectors[from + i] = Arrays.copyOfRange(all, i * width, (i + 1) * width);
          }
        }
      }
    }
    return vectors;
  }
}
