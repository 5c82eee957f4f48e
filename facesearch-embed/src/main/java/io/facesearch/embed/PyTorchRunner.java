package io.facesearch.embed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.function.Function;

/** Runs batches on PyTorch, each in a scope of its own. */
final class PyTorchRunner implements Network.Runner {
  private final NDManager manager;
  private final int capacity;
  private final long[] image;
  private final int size;
  private final Function<NDArray, float[]> network;
  private final boolean padded;
  private final NativeBuffer buffer;

  /**
   * Reserves the buffer.
   *
   * @param padded whether there are only two sizes of batch, 1 and the capacity: TorchScript
   *     compiles anew for each
   */
  PyTorchRunner(
      NDManager manager,
      int capacity,
      long[] image,
      Function<NDArray, float[]> network,
      boolean padded) {
    this.manager = manager;
    this.capacity = capacity;
    this.image = image.clone();
    this.network = network;
    this.padded = padded;
    size = (int) (image[0] * image[1] * image[2]);
    buffer = new NativeBuffer((long) capacity * size);
  }

  @Override
  public FloatBuffer input() {
    return buffer.floats();
  }

  @Override
  public float[] run(int n, boolean alone) {
    int batch = padded && n > 1 ? capacity : n;
    try (NDManager scope = manager.newSubManager()) {
      Shape shape = new Shape(batch, image[0], image[1], image[2]);
      NDArray input = scope.create(buffer.bytes((long) batch * size), shape, DataType.FLOAT32);
      float[] vectors = network.apply(input);
      return batch == n ? vectors : Arrays.copyOf(vectors, vectors.length / batch * n);
    }
  }

  @Override
  public void close() {
    buffer.close();
  }
}
