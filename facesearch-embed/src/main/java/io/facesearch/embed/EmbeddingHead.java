package io.facesearch.embed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import java.util.List;

/**
 * What makes a vector of the last feature map: mean over height and width, linear, ReLU, linear,
 * and, if wanted, tanh or division by the L2 norm.
 */
final class EmbeddingHead extends Stage {
  static final String FIRST = "embedding.0";
  static final String SECOND = "embedding.2";

  private static final double SMALLEST_NORM = 1e-12;

  private final int dimension;
  private final boolean normalized;
  private final Activation last;
  private final FullyConnected first;
  private final FullyConnected second;

  EmbeddingHead(Architecture architecture) {
    dimension = architecture.dimension();
    normalized = architecture.normalized();
    last = architecture.last();
    int hidden = architecture.hidden();
    first = new FullyConnected(FIRST, architecture.backbone().features(), hidden);
    second = new FullyConnected(SECOND, hidden, dimension);
    register();
  }

  @Override
  List<Layer> layers() {
    return List.of(first, second);
  }

  @Override
  NDArray run(ParameterStore store, NDArray x, boolean training) {
    NDArray pooled = Pool.globalAvgPool2d(x);
    NDArray hidden = first.run(store, pooled, training);
    pooled.close();
    hidden = Activation.RELU.applyClosing(hidden);
    NDArray y = last.applyClosing(second.run(store, hidden, training));
    hidden.close();
    if (!normalized) {
      return y;
    }
    NDArray z = normalize(y);
    y.close();
    return z;
  }

  static NDArray normalize(NDArray x) {
    return x.normalize(2, 1, SMALLEST_NORM);
  }

  @Override
  int fold(FoldedNetwork.Builder network, int x) {
    int y = network.average(x);
    y = network.dense(y, first, Activation.RELU);
    y = network.dense(y, second, last);
    return normalized ? network.normalize(y) : y;
  }

  @Override
  Shape shape(Shape input) {
    return new Shape(input.get(0), dimension);
  }
}
