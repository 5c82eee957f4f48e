package io.facesearch.embed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.facesearch.NativeRuntimeException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A backbone with an embedding head instead of its classifier, as a DJL block that can be trained:
 * N x 3 x height x width in, N x dimension out. The head consists of the mean over height and
 * width, a linear layer to the dimension, ReLU, another linear layer, and L2 normalization if the
 * architecture says so. For attributes, it is a linear layer to 128, ReLU, a linear layer, and
 * tanh.
 *
 * <p>Parameters have torchvision's names; the layers of the head are {@code embedding.0} and {@code
 * embedding.2}. A new network has random weights (He initialization) from DJL's random seed.
 *
 * <p>A <em>layer</em> is a module that has parameters: a convolution, a batch normalization, or a
 * linear layer. Frozen layers have no gradients, and run in inference mode even during training, so
 * that their statistics do not drift.
 *
 * <p>Inference is thread-safe; training and loading are not. The network owns native memory, and
 * whoever created it closes it. For many images, use a {@link ModelFileEmbedder} with a {@link
 * Checkpoint}, which is several times as fast.
 */
public final class FaceNetwork extends StageSequence implements AutoCloseable {
  /** Heads, which belong to no backbone. */
  private static final List<String> PASSED_OVER = List.of("fc.", "classifier.", "embedding.");

  private final Architecture architecture;
  private final NDManager manager;
  private int trunkStages;

  private FaceNetwork(Architecture architecture, List<Stage> stages, NDManager manager) {
    super(stages);
    this.architecture = architecture;
    this.manager = manager;
  }

  /**
   * Creates a network with random weights.
   *
   * @param architecture its shape
   * @param device where its parameters are kept
   * @return a network; the caller closes it
   * @throws NativeRuntimeException if PyTorch is missing or does not load
   * @throws DeviceUnavailableException if a requested GPU is not available
   */
  public static FaceNetwork create(Architecture architecture, ComputeDevice device) {
    NDManager manager =
        PyTorchRuntime.engine()
            .newBaseManager(PyTorchRuntime.device(PyTorchRuntime.resolve(device)));
    try {
      FaceNetwork network = new FaceNetwork(architecture, stages(architecture), manager);
      network.initialize(manager, DataType.FLOAT32, Backbone.INPUT);
      return network;
    } catch (RuntimeException | Error e) {
      manager.close();
      throw e;
    }
  }

  /**
   * Creates a network with random weights that are determined by a seed. Sets the seed of DJL's
   * engine.
   *
   * @param architecture its shape
   * @param device where its parameters are kept
   * @param seed of the weights
   * @return a network; the caller closes it
   * @throws NativeRuntimeException if PyTorch is missing or does not load
   * @throws DeviceUnavailableException if a requested GPU is not available
   */
  public static FaceNetwork create(Architecture architecture, ComputeDevice device, long seed) {
    PyTorchRuntime.engine().setRandomSeed(Math.floorMod(seed, Integer.MAX_VALUE));
    return create(architecture, device);
  }

  /** {@return its shape} */
  public Architecture architecture() {
    return architecture;
  }

  /**
   * {@return the parameters by torchvision's names, such as {@code layer1.0.conv1.weight}, in
   * torchvision's order}
   */
  public Map<String, Parameter> parameters() {
    Map<String, Parameter> all = new LinkedHashMap<>();
    for (Layer layer : layers(stages().size())) {
      for (String local : layer.shapes().keySet()) {
        all.put(layer.name() + "." + local, layer.getDirectParameters().get(local));
      }
    }
    return Collections.unmodifiableMap(all);
  }

  private List<Layer> layers(int stages) {
    return stages().subList(0, stages).stream().flatMap(s -> s.layers().stream()).toList();
  }

  /**
   * Loads backbone and head.
   *
   * @param weights with the names of {@link #parameters}
   * @param strict whether anything that does not fit is an error
   * @return what was loaded and what was not, not counting {@code num_batches_tracked}
   * @throws WeightsFormatException in strict mode, with all names that do not fit; the network is
   *     then unchanged
   */
  public LoadReport load(Weights weights, boolean strict) {
    return load(weights, strict, stages().size(), false);
  }

  /**
   * Loads only the backbone, for example from weights trained on ImageNet, with torchvision's or
   * timm's names, with or without a leading {@code module.}. The classifier in the file, or the
   * head of a checkpoint, is ignored.
   *
   * @param weights of the backbone
   * @param strict whether anything that does not fit is an error
   * @return what was loaded and what was not
   * @throws WeightsFormatException in strict mode, with all names that do not fit; the network is
   *     then unchanged
   */
  public LoadReport loadBackbone(Weights weights, boolean strict) {
    return load(weights, strict, stages().size() - 1, true);
  }

  private LoadReport load(Weights weights, boolean strict, int stages, boolean passClassifier) {
    Map<String, String> names = TensorNames.translate(weights.names());
    List<String> loaded = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    List<String> misshapen = new ArrayList<>();
    Map<String, NDArray> fitting = new LinkedHashMap<>();
    for (Layer layer : layers(stages)) {
      for (Map.Entry<String, Shape> entry : layer.shapes().entrySet()) {
        String name = layer.name() + "." + entry.getKey();
        String inFile = names.remove(name);
        if (inFile == null) {
          missing.add(name);
          continue;
        }
        Shape found = new Shape(weights.shape(inFile));
        if (found.equals(entry.getValue())) {
          loaded.add(name);
          fitting.put(inFile, layer.getDirectParameters().get(entry.getKey()).getArray());
        } else {
          misshapen.add(name + ": expected " + entry.getValue() + ", but found " + found);
        }
      }
    }
    List<String> unexpected = new ArrayList<>(names.keySet());
    unexpected.removeIf(
        name ->
            name.endsWith(".num_batches_tracked")
                || passClassifier && PASSED_OVER.stream().anyMatch(name::startsWith));
    LoadReport report = new LoadReport(loaded, missing, misshapen, unexpected);
    if (strict && !report.complete()) {
      throw new WeightsFormatException(
          weights
              + " does not fit "
              + architecture
              + ": missing "
              + missing
              + ", of another shape "
              + misshapen
              + ", unexpected "
              + unexpected
              + "; load another file, or not strictly");
    }
    fitting.forEach((inFile, array) -> array.set(FloatBuffer.wrap(weights.values(inFile))));
    return report;
  }

  /** {@return how many layers the backbone has: 106 for ResNet-50, 104 for MobileNet-V2} */
  public int backboneLayers() {
    return layers(stages().size() - 1).size();
  }

  /**
   * Sets which layers are trained: the head and the last layers of the backbone. All others are
   * frozen.
   *
   * @param backboneLayers number of layers of the backbone, counted from its end; 0 for none
   */
  public void trainLast(int backboneLayers) {
    List<Layer> backbone = layers(stages().size() - 1);
    if (backboneLayers < 0 || backboneLayers > backbone.size()) {
      throw new IllegalArgumentException(
          "layers must be 0 to " + backbone.size() + ", but are: " + backboneLayers);
    }
    int frozen = backbone.size() - backboneLayers;
    for (int i = 0; i < backbone.size(); i++) {
      backbone.get(i).freeze(i < frozen);
    }
    layers(stages().size())
        .subList(backbone.size(), backbone.size() + 2)
        .forEach(l -> l.freeze(false));
    trunkStages = 0;
    int count = 0;
    for (Stage stage : stages()) {
      count += stage.layers().size();
      if (count > frozen) {
        break;
      }
      trunkStages++;
    }
  }

  /**
   * Returns the first stages, all of whose layers {@link #trainLast} has frozen: their output for
   * an image never changes and can be cached. Empty before {@link #trainLast}. Shares its
   * parameters with this network.
   *
   * @return image in, feature map out
   */
  public Block trunk() {
    return new StageSequence(stages().subList(0, trunkStages));
  }

  /**
   * Returns what follows the {@link #trunk}: the layers that are trained, and frozen layers of the
   * same stage. Shares its parameters with this network.
   *
   * @return feature map in, vectors out
   */
  public Block tail() {
    return new StageSequence(stages().subList(trunkStages, stages().size()));
  }

  /**
   * Creates a copy of the current {@link #trunk} for inference: on ONNX Runtime, with batch
   * normalization folded, and equal to the trunk itself except for rounding.
   *
   * @param height of the images, in pixels
   * @param width of the images, in pixels
   * @return an extractor, which is independent of this network; the caller closes it
   */
  public FeatureExtractor extractor(int height, int width) {
    List<Stage> trunk = stages().subList(0, trunkStages);
    Map<String, long[]> shapes = new LinkedHashMap<>();
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Layer layer : layers(trunkStages)) {
      layer
          .shapes()
          .forEach(
              (local, shape) -> {
                String name = layer.name() + "." + local;
                shapes.put(name, shape.getShape());
                values.put(name, layer.getDirectParameters().get(local).getArray().toFloatArray());
              });
    }
    FoldedNetwork.Builder folded = FoldedNetwork.builder(new HeapTensors("trunk", shapes, values));
    Shape shape = new Shape(1, 3, height, width);
    int x = 0;
    for (Stage stage : trunk) {
      x = stage.fold(folded, x);
      shape = stage.shape(shape);
    }
    folded.add(new FoldedNetwork.Flatten(x));
    try (NativeBuffer model = OnnxWriter.write(folded.build((int) shape.size()))) {
      return new FeatureExtractor(
          new OnnxNetwork("trunk", model.bytes(), 1, ComputeDevice.cpu(), 3, height, width),
          3,
          height,
          width);
    }
  }

  /**
   * Returns the {@link #tail} without the head. Shares its parameters with this network.
   *
   * @return feature map of the {@link #trunk} in; N x channels out, which are means over height and
   *     width
   */
  public Block features() {
    List<Stage> all = new ArrayList<>(stages().subList(trunkStages, stages().size() - 1));
    all.add(new GlobalAverage());
    return new StageSequence(all);
  }

  /** For inference; PyTorch is not started. */
  static FoldedNetwork fold(Architecture architecture, TensorFile weights) {
    FoldedNetwork.Builder folded = FoldedNetwork.builder(weights);
    int x = 0;
    for (Stage stage : stages(architecture)) {
      x = stage.fold(folded, x);
    }
    return folded.build(architecture.dimension());
  }

  /** Names and shapes of all parameters, in torchvision's order. */
  static Map<String, long[]> shapes(Architecture architecture) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (Stage stage : stages(architecture)) {
      for (Layer layer : stage.layers()) {
        layer.shapes().forEach((local, s) -> shapes.put(layer.name() + "." + local, s.getShape()));
      }
    }
    return shapes;
  }

  private static List<Stage> stages(Architecture architecture) {
    List<Stage> stages = new ArrayList<>(architecture.backbone().stages());
    stages.add(new EmbeddingHead(architecture));
    return stages;
  }

  /** Frees the parameters. */
  @Override
  public void close() {
    manager.close();
  }
}
