package io.facesearch.embed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions in a row, each with batch normalization and activation. With a shortcut the input is
 * added to the result, plain or through a convolution of its own. All of ResNet-50 and MobileNet-V2
 * are such stages.
 */
final class ConvStage extends Stage {
  private static final Shape TWO = new Shape(2, 2);
  private static final Shape THREE = new Shape(3, 3);
  private static final Shape ONE = new Shape(1, 1);

  /** A convolution with its batch normalization and activation. */
  private record Step(Convolution conv, BatchNormalization norm, Activation activation) {
    NDArray run(ParameterStore store, NDArray x, boolean training) {
      NDArray y = conv.run(store, x, training);
      NDArray z = norm.run(store, y, training);
      y.close();
      return activation.applyClosing(z, training);
    }

    int fold(FoldedNetwork.Builder network, int x) {
      return network.convolution(x, conv, norm, activation);
    }
  }

  private final List<Step> path;
  private final @Nullable Step projection;
  private final boolean residual;
  private final Activation last;
  private final boolean maxPool;
  private final List<Layer> layers = new ArrayList<>();

  private ConvStage(Builder builder) {
    path = List.copyOf(builder.path);
    projection = builder.projection;
    residual = builder.residual;
    last = builder.last;
    maxPool = builder.maxPool;
    for (Step step : path) {
      layers.add(step.conv);
      layers.add(step.norm);
    }
    if (projection != null) {
      layers.add(projection.conv);
      layers.add(projection.norm);
    }
    register();
  }

  static Builder builder() {
    return new Builder();
  }

  @Override
  List<Layer> layers() {
    return layers;
  }

  @Override
  NDArray run(ParameterStore store, NDArray x, boolean training) {
    NDArray y = x;
    for (Step step : path) {
      NDArray z = step.run(store, y, training);
      if (y != x) {
        y.close();
      }
      y = z;
    }
    if (residual) {
      NDArray shortcut = projection == null ? x : projection.run(store, x, training);
      NDArray sum = y.add(shortcut);
      y.close();
      if (shortcut != x) {
        shortcut.close();
      }
      y = last.applyClosing(sum, training);
    }
    if (maxPool) {
      NDArray pooled = Pool.maxPool2d(y, THREE, TWO, ONE, false);
      y.close();
      y = pooled;
    }
    return y;
  }

  @Override
  int fold(FoldedNetwork.Builder network, int x) {
    int y = x;
    for (Step step : path) {
      y = step.fold(network, y);
    }
    if (residual) {
      y = network.add(y, projection == null ? x : projection.fold(network, x), last);
    }
    return maxPool ? network.maxPool(y, 1) : y;
  }

  @Override
  Shape shape(Shape input) {
    Shape shape = input;
    for (Step step : path) {
      shape = step.conv.getOutputShapes(new Shape[] {shape})[0];
    }
    return maxPool
        ? new Shape(shape.get(0), shape.get(1), (shape.get(2) + 1) / 2, (shape.get(3) + 1) / 2)
        : shape;
  }

  /** Collects the parts. */
  static final class Builder {
    private final List<Step> path = new ArrayList<>();
    private @Nullable Step projection;
    private boolean residual;
    private Activation last = Activation.NONE;
    private boolean maxPool;

    private Builder() {}

    /** Adds a convolution; the names are those of torchvision. */
    Builder conv(
        String conv,
        String norm,
        int in,
        int out,
        int kernel,
        int stride,
        int groups,
        Activation activation) {
      path.add(
          new Step(
              new Convolution(conv, in, out, kernel, stride, groups),
              new BatchNormalization(norm, out),
              activation));
      return this;
    }

    /** Adds the input to the result, then activates. */
    Builder residual(Activation activation) {
      residual = true;
      last = activation;
      return this;
    }

    /** As {@link #residual}, with a 1x1 convolution where shapes differ. */
    Builder projected(String name, int in, int out, int stride, Activation activation) {
      projection =
          new Step(
              new Convolution(name + ".0", in, out, 1, stride, 1),
              new BatchNormalization(name + ".1", out),
              Activation.NONE);
      return residual(activation);
    }

    /** Ends with a 3x3 maximum over steps of 2. */
    Builder maxPool() {
      maxPool = true;
      return this;
    }

    ConvStage build() {
      return new ConvStage(this);
    }
  }
}
