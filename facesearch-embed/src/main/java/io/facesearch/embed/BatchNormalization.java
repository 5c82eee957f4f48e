package io.facesearch.embed;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;

/** Batch normalization over the channels, with PyTorch's defaults. */
final class BatchNormalization extends Layer {
  static final float EPSILON = 1e-5f;

  /** DJL counts what is kept of the old statistics; PyTorch's 0.1 is what is taken of the new. */
  private static final float MOMENTUM = 0.9f;

  /** DJL's engine hands this axis to PyTorch as it is, which normalizes over axis 1. */
  private static final int DIRECT = -1;

  private final Parameter weight;
  private final Parameter bias;
  private final Parameter mean;
  private final Parameter variance;

  BatchNormalization(String name, int channels) {
    super(name);
    weight = parameter("weight", Parameter.Type.GAMMA, Initializer.ONES, channels);
    bias = parameter("bias", Parameter.Type.BETA, Initializer.ZEROS, channels);
    mean = parameter("running_mean", Parameter.Type.RUNNING_MEAN, Initializer.ZEROS, channels);
    variance = parameter("running_var", Parameter.Type.RUNNING_VAR, Initializer.ONES, channels);
  }

  @Override
  NDArray apply(ParameterStore store, NDArray x, boolean training) {
    Device device = x.getDevice();
    return BatchNorm.batchNorm(
            x,
            value(store, mean, device, training),
            value(store, variance, device, training),
            value(store, weight, device, training),
            value(store, bias, device, training),
            DIRECT,
            MOMENTUM,
            EPSILON,
            training)
        .singletonOrThrow();
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    return inputs.clone();
  }
}
