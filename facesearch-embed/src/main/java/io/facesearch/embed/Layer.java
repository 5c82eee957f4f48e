package io.facesearch.embed;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A module that owns parameters: a convolution, a batch normalization or a linear layer. It knows
 * the name that torchvision gives it, and the shapes of its parameters from the start, so that
 * weights can be put in before any input is seen.
 *
 * <p>A frozen layer has no gradients and runs in inference mode also while the network trains, so
 * that the statistics of a frozen batch normalization stay as they are.
 */
abstract class Layer extends AbstractBlock {
  private static final byte VERSION = 1;

  private final String name;
  private final Map<String, Shape> shapes = new LinkedHashMap<>();
  private boolean frozen;

  Layer(String name) {
    super(VERSION);
    this.name = name;
  }

  /** Adds a parameter under the name that PyTorch gives it. */
  final Parameter parameter(String local, Parameter.Type type, Initializer start, long... shape) {
    boolean learned = type != Parameter.Type.RUNNING_MEAN && type != Parameter.Type.RUNNING_VAR;
    shapes.put(local, new Shape(shape));
    return addParameter(
        Parameter.builder()
            .setName(local)
            .setType(type)
            .optInitializer(start)
            .optRequiresGrad(learned)
            .build());
  }

  /** The name in a state dict, for instance {@code layer1.0.conv1}. */
  final String name() {
    return name;
  }

  /** Shapes of the parameters, by local name, in PyTorch's order. */
  final Map<String, Shape> shapes() {
    return shapes;
  }

  final boolean frozen() {
    return frozen;
  }

  final void freeze(boolean freeze) {
    frozen = freeze;
    for (Parameter parameter : getDirectParameters().values()) {
      boolean learned =
          parameter.getType() != Parameter.Type.RUNNING_MEAN
              && parameter.getType() != Parameter.Type.RUNNING_VAR;
      parameter.freeze(freeze || !learned);
    }
  }

  /** The result; the argument stays open. */
  final NDArray run(ParameterStore store, NDArray x, boolean training) {
    return apply(store, x, training && !frozen);
  }

  abstract NDArray apply(ParameterStore store, NDArray x, boolean training);

  static NDArray value(ParameterStore store, Parameter parameter, Device device, boolean training) {
    return store.getValue(parameter, device, training);
  }

  @Override
  protected final NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    return new NDList(run(store, inputs.singletonOrThrow(), training));
  }

  @Override
  protected final void prepare(Shape[] inputShapes) {
    for (Map.Entry<String, Shape> entry : shapes.entrySet()) {
      Parameter parameter = Objects.requireNonNull(parameters.get(entry.getKey()));
      if (!parameter.isInitialized()) {
        parameter.setShape(entry.getValue());
      }
    }
  }

  @Override
  public final String toString() {
    return name + shapes;
  }
}
