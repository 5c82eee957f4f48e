package io.facesearch.embed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The 128-d face descriptor network: a ResNet-29 whose affine layers are folded into convolutions.
 * Only inference: plain operations without gradients, each intermediate tensor closed as soon as it
 * is used. Thread-safe once built; the weights belong to the manager given to it.
 */
final class DlibResNet {
  /** Width and height of the input, pixels. */
  static final int SIZE = 150;

  /** Length of a descriptor. */
  static final int DIMENSION = 128;

  private static final Shape ONE = new Shape(1, 1);
  private static final Shape TWO = new Shape(2, 2);
  private static final Shape THREE = new Shape(3, 3);
  private static final Shape NONE = new Shape(0, 0);

  private static final String[] BLOCKS = {
    "conv32_1",
    "conv32_2",
    "conv32_3",
    "conv64_down",
    "conv64_1",
    "conv64_2",
    "conv64_3",
    "conv128_down",
    "conv128_1",
    "conv128_2",
    "conv256_down",
    "conv256_1",
    "conv256_2",
    "conv256_down_out"
  };

  private record Convolution(NDArray weight, NDArray bias) {
    NDArray apply(NDArray x, Shape stride, Shape padding) {
      return Conv2d.conv2d(x, weight, bias, stride, padding).singletonOrThrow();
    }
  }

  private record Block(Convolution first, Convolution second, boolean down, int channels) {}

  private final Convolution stem;
  private final List<Block> blocks = new ArrayList<>();
  private final NDArray head;

  /**
   * Copies the weights to native memory.
   *
   * @param manager owns the weights
   * @param weights names and shapes as in the bundled file
   * @throws WeightsFormatException if a tensor is missing or has another shape
   */
  DlibResNet(NDManager manager, Safetensors weights) {
    stem = convolution(manager, weights, "conv32_down", 32, 3, 7);
    int from = 32;
    for (String name : BLOCKS) {
      boolean down = name.contains("_down");
      int to = Integer.parseInt(name.substring(4, name.indexOf('_')));
      blocks.add(
          new Block(
              convolution(manager, weights, name + ".conv1", to, from, 3),
              convolution(manager, weights, name + ".conv2", to, to, 3),
              down,
              to));
      from = to;
    }
    head = tensor(manager, weights, "fc.weight", DIMENSION, from);
  }

  private static Convolution convolution(
      NDManager manager, Safetensors weights, String name, int to, int from, int kernel) {
    return new Convolution(
        tensor(manager, weights, name + ".weight", to, from, kernel, kernel),
        tensor(manager, weights, name + ".bias", to));
  }

  private static NDArray tensor(
      NDManager manager, Safetensors weights, String name, long... shape) {
    // Written into the tensor's own memory: a direct buffer would stay until it is collected.
    NDArray tensor = manager.create(new Shape(shape), DataType.FLOAT32);
    ByteBuffer memory = tensor.toByteBuffer(true).order(ByteOrder.nativeOrder());
    memory.asFloatBuffer().put(weights.floats(name, shape));
    return tensor;
  }

  /**
   * Runs the network.
   *
   * @param input N x 3 x 150 x 150, mean subtracted and divided by 255; stays open
   * @return N x 128, attached to the manager of the input
   */
  NDArray forward(NDArray input) {
    NDArray x = relu(stem.apply(input, TWO, NONE));
    x = closing(x, Pool.maxPool2d(x, THREE, TWO, NONE, false));
    for (Block block : blocks) {
      x = block.down ? down(block, x) : plain(block, x);
    }
    x = closing(x, Pool.globalAvgPool2d(x));
    return closing(x, Linear.linear(x, head).singletonOrThrow());
  }

  private static NDArray plain(Block block, NDArray x) {
    NDArray y = relu(block.first.apply(x, ONE, ONE));
    y = closing(y, block.second.apply(y, ONE, ONE));
    y.addi(x);
    x.close();
    return relu(y);
  }

  private static NDArray down(Block block, NDArray x) {
    NDArray y = relu(block.first.apply(x, TWO, NONE));
    y = closing(y, block.second.apply(y, ONE, ONE));
    NDArray shortcut = closing(x, Pool.avgPool2d(x, TWO, TWO, NONE, false, true));
    Shape have = shortcut.getShape();
    long rows = have.get(2) - y.getShape().get(2);
    if (rows > 0) {
      y = closing(y, y.pad(new Shape(0, rows, 0, rows), 0));
    }
    long channels = block.channels - have.get(1);
    if (channels > 0) {
      shortcut = closing(shortcut, shortcut.pad(new Shape(0, 0, 0, 0, 0, channels), 0));
    }
    y.addi(shortcut);
    shortcut.close();
    return relu(y);
  }

  private static NDArray relu(NDArray x) {
    return closing(x, Activation.relu(x));
  }

  private static NDArray closing(NDArray used, NDArray result) {
    used.close();
    return result;
  }
}
