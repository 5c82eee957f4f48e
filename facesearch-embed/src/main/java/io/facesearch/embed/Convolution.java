package io.facesearch.embed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.training.initializer.XavierInitializer.FactorType;
import ai.djl.training.initializer.XavierInitializer.RandomType;

/** A convolution without bias, square, with the padding that keeps the size at stride 1. */
final class Convolution extends Layer {
  private static final Shape NO_DILATION = new Shape(1, 1);

  private final int in;
  private final int out;
  private final int kernel;
  private final int stride;
  private final int groups;
  private final Parameter weight;

  Convolution(String name, int in, int out, int kernel, int stride, int groups) {
    super(name);
    this.in = in;
    this.out = out;
    this.kernel = kernel;
    this.stride = stride;
    this.groups = groups;
    // As torchvision: He initialization by the number of outputs.
    weight =
        parameter(
            "weight",
            Parameter.Type.WEIGHT,
            new XavierInitializer(RandomType.GAUSSIAN, FactorType.OUT, 2),
            out,
            in / groups,
            kernel,
            kernel);
  }

  int in() {
    return in;
  }

  int out() {
    return out;
  }

  int kernel() {
    return kernel;
  }

  int stride() {
    return stride;
  }

  int padding() {
    return kernel / 2;
  }

  int groups() {
    return groups;
  }

  @Override
  NDArray apply(ParameterStore store, NDArray x, boolean training) {
    return Conv2d.conv2d(
            x,
            value(store, weight, x.getDevice(), training),
            null,
            new Shape(stride, stride),
            new Shape(padding(), padding()),
            NO_DILATION,
            groups)
        .singletonOrThrow();
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    Shape x = inputs[0];
    return new Shape[] {new Shape(x.get(0), out, size(x.get(2)), size(x.get(3)))};
  }

  private long size(long side) {
    return (side + 2L * padding() - kernel) / stride + 1;
  }
}
