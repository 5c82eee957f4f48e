package io.facesearch.embed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.List;

/**
 * A part of a network with one input and one output: what training may cut between. Each
 * intermediate array is closed as soon as it is used; where gradients are recorded, PyTorch itself
 * keeps what it needs.
 */
abstract class Stage extends AbstractBlock {
  private static final byte VERSION = 1;

  Stage() {
    super(VERSION);
  }

  /** The layers, in the order in which torchvision lists them. */
  abstract List<Layer> layers();

  /** The result; the argument stays open, and is never the result itself. */
  abstract NDArray run(ParameterStore store, NDArray x, boolean training);

  /** Adds this stage, with batch normalization folded, to a network for inference. */
  abstract int fold(FoldedNetwork.Builder network, int x);

  abstract Shape shape(Shape input);

  /** Registers the layers; call it once, at the end of the constructor. */
  final void register() {
    for (Layer layer : layers()) {
      addChildBlock(layer.name().replace('.', '_'), layer);
    }
  }

  @Override
  protected final NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    return new NDList(run(store, inputs.singletonOrThrow(), training));
  }

  @Override
  protected final void initializeChildBlocks(
      NDManager manager, DataType type, Shape... inputShapes) {
    // The layers know the shapes of their parameters whatever the input.
    for (Layer layer : layers()) {
      layer.initialize(manager, type, inputShapes);
    }
  }

  @Override
  public final Shape[] getOutputShapes(Shape[] inputs) {
    return new Shape[] {shape(inputs[0])};
  }
}
