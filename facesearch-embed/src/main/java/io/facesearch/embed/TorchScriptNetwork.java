package io.facesearch.embed;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.facesearch.onnx.NativeAllocator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A TorchScript file on DJL's PyTorch. */
final class TorchScriptNetwork implements Network {
  private final Path file;
  private final Model model;
  private final NDManager manager;
  private final int dimension;

  /**
   * Loads a file.
   *
   * @param file TorchScript
   * @param device where to run
   * @param image shape of an image
   * @throws WeightsFormatException if it is no TorchScript, or does not take such images
   */
  TorchScriptNetwork(Path file, ComputeDevice device, long... image) throws IOException {
    this.file = file;
    Device where = PyTorchRuntime.device(device);
    model = PyTorchRuntime.engine().newModel(file.getFileName().toString(), where);
    try {
      model.load(file.toAbsolutePath(), null, Map.of("mapLocation", "true"));
      manager = model.getNDManager();
      try (Runner runner = newRunner(1, image)) {
        dimension = runner.run(1, false).length;
      }
    } catch (MalformedModelException | EngineException e) {
      model.close();
      throw new WeightsFormatException(
          file + ": PyTorch cannot load or run it as TorchScript: " + firstLine(e), e);
    } catch (IOException | RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public boolean runsInAnyThread() {
    return false;
  }

  @Override
  public int smallestBatch() {
    return manager.getDevice().isGpu() ? Integer.MAX_VALUE : 1;
  }

  @Override
  public Runner newRunner(int capacity, long... image) {
    return new PyTorchRunner(manager, capacity, image, this::vectors, true);
  }

  private float[] vectors(NDArray input) {
    ParameterStore store = new ParameterStore(manager, true);
    NDList output = model.getBlock().forward(store, new NDList(input), false);
    Shape shape = output.get(0).getShape();
    if (shape.dimension() < 2
        || shape.get(0) != input.getShape().get(0)
        || shape.size() != shape.get(0) * shape.get(1)) {
      throw new WeightsFormatException(
          file
              + ": expected one vector an image, but an input "
              + input.getShape()
              + " gave "
              + shape);
    }
    return output.get(0).toFloatArray();
  }

  @Override
  public void close() {
    model.close();
    NativeAllocator.trim();
  }
}
