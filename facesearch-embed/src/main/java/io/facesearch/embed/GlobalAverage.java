package io.facesearch.embed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import java.util.List;

/** The mean over height and width: what the head is given. */
final class GlobalAverage extends Stage {
  @Override
  List<Layer> layers() {
    return List.of();
  }

  @Override
  NDArray run(ParameterStore store, NDArray x, boolean training) {
    return Pool.globalAvgPool2d(x);
  }

  @Override
  int fold(FoldedNetwork.Builder network, int x) {
    return network.average(x);
  }

  @Override
  Shape shape(Shape input) {
    return new Shape(input.get(0), input.get(1));
  }
}
