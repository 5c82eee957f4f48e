package io.facesearch.embed;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.XavierInitializer;

/** A linear layer with bias. */
final class FullyConnected extends Layer {
  private final int out;
  private final Parameter weight;
  private final Parameter bias;

  FullyConnected(String name, int in, int out) {
    super(name);
    this.out = out;
    weight = parameter("weight", Parameter.Type.WEIGHT, new XavierInitializer(), out, in);
    bias = parameter("bias", Parameter.Type.BIAS, Initializer.ZEROS, out);
  }

  @Override
  NDArray apply(ParameterStore store, NDArray x, boolean training) {
    Device device = x.getDevice();
    return Linear.linear(
            x, value(store, weight, device, training), value(store, bias, device, training))
        .singletonOrThrow();
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    return new Shape[] {new Shape(inputs[0].get(0), out)};
  }
}
