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

/** Stages in a row. */
class StageSequence extends AbstractBlock {
  private static final byte VERSION = 1;

  private final List<Stage> stages;

  StageSequence(List<Stage> stages) {
    super(VERSION);
    this.stages = List.copyOf(stages);
    for (Stage stage : this.stages) {
      addChildBlock("stage", stage);
    }
  }

  final List<Stage> stages() {
    return stages;
  }

  @Override
  protected final NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray x = inputs.singletonOrThrow();
    NDArray y = x;
    for (Stage stage : stages) {
      NDArray z = stage.run(store, y, training);
      if (y != x) {
        y.close();
      }
      y = z;
    }
    return new NDList(y);
  }

  @Override
  protected final void initializeChildBlocks(
      NDManager manager, DataType type, Shape... inputShapes) {
    Shape shape = inputShapes[0];
    for (Stage stage : stages) {
      stage.initialize(manager, type, shape);
      shape = stage.shape(shape);
    }
  }

  @Override
  public final Shape[] getOutputShapes(Shape[] inputs) {
    Shape shape = inputs[0];
    for (Stage stage : stages) {
      shape = stage.shape(shape);
    }
    return new Shape[] {shape};
  }
}
