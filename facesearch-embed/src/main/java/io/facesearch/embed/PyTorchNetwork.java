package io.facesearch.embed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import io.facesearch.onnx.NativeAllocator;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link FoldedNetwork} on PyTorch: plain operations without gradients, each value closed after
 * its last use. For the GPU; on the CPU {@link OnnxNetwork} takes less than half the time.
 */
final class PyTorchNetwork implements Network {
  /** PyTorch rearranges the weights anew for each batch. */
  private static final int SMALLEST_BATCH = 4;

  private static final Shape ONE = new Shape(1, 1);
  private static final Shape TWO = new Shape(2, 2);
  private static final Shape THREE = new Shape(3, 3);
  private static final Shape NONE = new Shape(0, 0);

  private record Weights(NDArray weight, NDArray bias) {}

  private final NDManager manager;
  private final FoldedNetwork network;
  private final List<Weights> weights = new ArrayList<>();
  private final int[] lastUse;

  PyTorchNetwork(FoldedNetwork network, ComputeDevice device) {
    this.network = network;
    manager = PyTorchRuntime.engine().newBaseManager(PyTorchRuntime.device(device));
    for (FoldedNetwork.Step step : network.steps()) {
      if (step instanceof FoldedNetwork.Conv conv) {
        weights.add(
            new Weights(
                tensor(
                    manager,
                    conv.weight(),
                    conv.out(),
                    conv.in() / conv.groups(),
                    conv.kernel(),
                    conv.kernel()),
                tensor(manager, conv.bias(), conv.out())));
      } else if (step instanceof FoldedNetwork.Dense dense) {
        weights.add(
            new Weights(
                tensor(manager, dense.weight(), dense.out(), dense.in()),
                tensor(manager, dense.bias(), dense.out())));
      } else {
        weights.add(null);
      }
    }
    lastUse = lastUse(network.steps());
  }

  private static int[] lastUse(List<FoldedNetwork.Step> steps) {
    int[] last = new int[steps.size() + 1];
    for (int i = 0; i < steps.size(); i++) {
      for (int x : arguments(steps.get(i))) {
        last[x] = i;
      }
    }
    return last;
  }

  private static int[] arguments(FoldedNetwork.Step step) {
    if (step instanceof FoldedNetwork.Conv conv) {
      return new int[] {conv.x()};
    } else if (step instanceof FoldedNetwork.Add add) {
      return new int[] {add.x(), add.y()};
    } else if (step instanceof FoldedNetwork.MaxPool pool) {
      return new int[] {pool.x()};
    } else if (step instanceof FoldedNetwork.MeanPool pool) {
      return new int[] {pool.x()};
    } else if (step instanceof FoldedNetwork.Pad pad) {
      return new int[] {pad.x()};
    } else if (step instanceof FoldedNetwork.Average average) {
      return new int[] {average.x()};
    } else if (step instanceof FoldedNetwork.Flatten flatten) {
      return new int[] {flatten.x()};
    } else if (step instanceof FoldedNetwork.Dense dense) {
      return new int[] {dense.x()};
    }
    return new int[] {((FoldedNetwork.Normalize) step).x()};
  }

  private static NDArray tensor(NDManager manager, float[] values, long... shape) {
    if (manager.getDevice().isGpu()) {
      return manager.create(FloatBuffer.wrap(values), new Shape(shape));
    }
    // Written into the tensor's own memory: a direct buffer would stay until it is collected.
    NDArray tensor = manager.create(new Shape(shape), DataType.FLOAT32);
    tensor.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer().put(values);
    return tensor;
  }

  @Override
  public int dimension() {
    return network.dimension();
  }

  @Override
  public boolean runsInAnyThread() {
    return false;
  }

  @Override
  public int smallestBatch() {
    return manager.getDevice().isGpu() ? Integer.MAX_VALUE : SMALLEST_BATCH;
  }

  @Override
  public Runner newRunner(int capacity, long... image) {
    return new PyTorchRunner(
        manager, capacity, image, inputs -> forward(inputs).toFloatArray(), false);
  }

  @Override
  public void close() {
    manager.close();
    NativeAllocator.trim();
  }

  /** For tests: owns the weights. */
  NDManager manager() {
    return manager;
  }

  /**
   * Runs the network.
   *
   * @param input N x 3 x height x width, preprocessed; stays open
   * @return N x dimension, attached to the manager of the input
   */
  NDArray forward(NDArray input) {
    List<FoldedNetwork.Step> steps = network.steps();
    NDArray[] values = new NDArray[steps.size() + 1];
    values[0] = input;
    for (int i = 0; i < steps.size(); i++) {
      values[i + 1] = run(steps.get(i), weights.get(i), values);
      for (int x : arguments(steps.get(i))) {
        if (lastUse[x] == i && x > 0 && values[x] != null) {
          values[x].close();
          values[x] = null;
        }
      }
    }
    return values[steps.size()];
  }

  private static NDArray run(FoldedNetwork.Step step, Weights weights, NDArray[] values) {
    if (step instanceof FoldedNetwork.Conv conv) {
      NDArray y =
          Conv2d.conv2d(
                  values[conv.x()],
                  weights.weight,
                  weights.bias,
                  new Shape(conv.stride(), conv.stride()),
                  new Shape(conv.padding(), conv.padding()),
                  ONE,
                  conv.groups())
              .singletonOrThrow();
      return conv.activation().applyClosing(y);
    } else if (step instanceof FoldedNetwork.Add add) {
      return add.activation().applyClosing(values[add.x()].add(values[add.y()]));
    } else if (step instanceof FoldedNetwork.MaxPool pool) {
      Shape padding = new Shape(pool.padding(), pool.padding());
      return Pool.maxPool2d(values[pool.x()], THREE, TWO, padding, false);
    } else if (step instanceof FoldedNetwork.MeanPool pool) {
      return Pool.avgPool2d(values[pool.x()], TWO, TWO, NONE, false, true);
    } else if (step instanceof FoldedNetwork.Pad pad) {
      return values[pad.x()].pad(new Shape(0, pad.sides(), 0, pad.sides(), 0, pad.channels()), 0);
    } else if (step instanceof FoldedNetwork.Average average) {
      return Pool.globalAvgPool2d(values[average.x()]);
    } else if (step instanceof FoldedNetwork.Flatten flatten) {
      NDArray x = values[flatten.x()];
      return x.reshape(x.getShape().get(0), -1);
    } else if (step instanceof FoldedNetwork.Dense dense) {
      NDArray y = Linear.linear(values[dense.x()], weights.weight, weights.bias).singletonOrThrow();
      return dense.activation().applyClosing(y);
    }
    return EmbeddingHead.normalize(values[((FoldedNetwork.Normalize) step).x()]);
  }
}
