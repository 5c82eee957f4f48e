package io.facesearch.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against the outputs of PyTorch and torchvision on the same weights. */
class FaceNetworkTest {
  private static final Safetensors REFERENCE = TestWeights.fixture("reference.safetensors");

  private static List<long[]> inputs(Backbone backbone) {
    List<long[]> shapes = new ArrayList<>();
    for (String name : REFERENCE.names()) {
      String[] parts = name.split("/", -1);
      if (parts[0].equals(backbone.id()) && parts[2].equals("features")) {
        String[] sides = parts[1].split("x", -1);
        shapes.add(java.util.Arrays.stream(sides).mapToLong(Long::parseLong).toArray());
      }
    }
    assertThat(shapes).hasSize(3);
    return shapes;
  }

  private static float[] reference(Backbone backbone, long[] shape, String what) {
    String key =
        String.format(
            "%s/%dx%dx%dx%d/%s", backbone.id(), shape[0], shape[1], shape[2], shape[3], what);
    return REFERENCE.floats(key, REFERENCE.shape(key));
  }

  private static void assertClose(float[] actual, float[] expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    double worst = 0;
    for (int i = 0; i < actual.length; i++) {
      worst = Math.max(worst, Math.abs((double) actual[i] - expected[i]));
    }
    assertThat(worst).as("largest difference").isLessThan(tolerance);
  }

  private static float[] run(Block block, NDManager manager, long[] shape) {
    try (NDManager scope = manager.newSubManager()) {
      NDArray x = scope.create(FloatBuffer.wrap(TestWeights.input(shape)), new Shape(shape));
      NDList y = block.forward(new ParameterStore(scope, true), new NDList(x), false);
      NDArray result = y.singletonOrThrow();
      return (result.getShape().dimension() == 4 ? Pool.globalAvgPool2d(result) : result)
          .toFloatArray();
    }
  }

  private static FaceNetwork network(Backbone backbone, boolean normalized) {
    Architecture architecture = new Architecture(backbone, 128, normalized);
    FaceNetwork network = FaceNetwork.create(architecture, ComputeDevice.cpu());
    LoadReport report = network.load(Weights.of("formula", TestWeights.of(architecture)), true);
    assertThat(report.complete()).isTrue();
    assertThat(report.loaded()).hasSameSizeAs(network.parameters().keySet());
    return network;
  }

  @ParameterizedTest
  @EnumSource
  void equalsTorchvision(Backbone backbone) {
    NDManager manager = PyTorchRuntime.engine().newBaseManager();
    try (manager;
        FaceNetwork network = network(backbone, false);
        FaceNetwork normalized = network(backbone, true)) {
      Block features = new StageSequence(network.stages().subList(0, network.stages().size() - 1));
      for (long[] shape : inputs(backbone)) {
        float[] expected = reference(backbone, shape, "features");
        assertClose(run(features, manager, shape), expected, 1e-4);
        assertClose(run(network, manager, shape), reference(backbone, shape, "embedding"), 1e-4);
        assertClose(
            run(normalized, manager, shape), reference(backbone, shape, "normalised"), 1e-5);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void foldedOnBothEnginesEqualsTorchvision(Backbone backbone) {
    Architecture architecture = new Architecture(backbone, 128, true);
    FoldedNetwork folded = FaceNetwork.fold(architecture, TestWeights.of(architecture));
    for (long[] shape : inputs(backbone)) {
      long[] image = {shape[1], shape[2], shape[3]};
      float[] expected = reference(backbone, shape, "normalised");
      try (NativeBuffer model = OnnxWriter.write(folded);
          Network onnx = new OnnxNetwork("folded", model.bytes(), 2, ComputeDevice.cpu(), image);
          Network torch = new PyTorchNetwork(folded, ComputeDevice.cpu())) {
        for (Network network : List.of(onnx, torch)) {
          assertThat(network.dimension()).isEqualTo(128);
          try (Network.Runner runner = network.newRunner(4, image)) {
            runner.input().put(0, TestWeights.input(shape));
            // Vectors have norm 1, so this is relative.
            assertClose(runner.run((int) shape[0], false), expected, 1e-4);
            assertClose(runner.run((int) shape[0], true), expected, 1e-4);
          }
        }
      }
    }
  }

  @Test
  void hasAsManyParametersAsTorchvisionWithoutClassifier() {
    Map<Backbone, Long> expected =
        Map.of(
            Backbone.RESNET50,
            25_557_032L - 2_049_000,
            Backbone.MOBILENET_V2,
            3_504_872L - 1_281_000);
    expected.forEach(
        (backbone, count) -> {
          Architecture architecture = new Architecture(backbone, 128, false);
          long found = 0;
          for (Map.Entry<String, long[]> entry : FaceNetwork.shapes(architecture).entrySet()) {
            if (!entry.getKey().contains("running") && !entry.getKey().startsWith("embedding")) {
              found += new Shape(entry.getValue()).size();
            }
          }
          assertThat(found).isEqualTo(count);
        });
  }

  @Test
  void strictListsAllThatDoesNotFitAndChangesNothing() {
    Architecture architecture = new Architecture(Backbone.MOBILENET_V2, 16, false);
    HeapTensors whole = TestWeights.of(architecture);
    Map<String, long[]> shapes = new LinkedHashMap<>(whole.shapes());
    Map<String, float[]> values = new LinkedHashMap<>(whole.values());
    values.remove("features.3.conv.2.weight");
    shapes.put("embedding.0.bias", new long[] {8});
    values.put("embedding.0.bias", new float[8]);
    shapes.put("other", new long[] {1});
    values.put("other", new float[1]);
    shapes.put("features.0.1.num_batches_tracked", new long[0]);
    values.put("features.0.1.num_batches_tracked", new float[1]);
    Weights weights = Weights.of("odd", new HeapTensors("odd", shapes, values));
    try (FaceNetwork network = FaceNetwork.create(architecture, ComputeDevice.cpu())) {
      float[] before = network.parameters().get("features.0.0.weight").getArray().toFloatArray();
      assertThatThrownBy(() -> network.load(weights, true))
          .isInstanceOf(WeightsFormatException.class)
          .hasMessageContaining("missing [features.3.conv.2.weight]")
          .hasMessageContaining("embedding.0.bias: expected (16), but found (8)")
          .hasMessageContaining("unexpected [other]");
      assertThat(network.parameters().get("features.0.0.weight").getArray().toFloatArray())
          .isEqualTo(before);
      LoadReport report = network.load(weights, false);
      assertThat(report.missing()).containsExactly("features.3.conv.2.weight");
      assertThat(report.misshapen()).hasSize(1);
      assertThat(report.unexpected()).containsExactly("other");
      assertThat(network.parameters().get("features.0.0.weight").getArray().toFloatArray())
          .isEqualTo(values.get("features.0.0.weight"));
    }
  }

  /** The names that timm gives the same network, in its order. */
  private static Map<String, String> timmNames() {
    Map<String, String> names = new LinkedHashMap<>();
    norm(names, "conv_stem", "bn1", "features.0.0", "features.0.1");
    int[] repeats = {1, 2, 3, 4, 3, 3, 1};
    int block = 1;
    for (int group = 0; group < repeats.length; group++) {
      for (int i = 0; i < repeats[group]; i++, block++) {
        String timm = "blocks." + group + "." + i + ".";
        String ours = "features." + block + ".conv.";
        if (group == 0) {
          norm(names, timm + "conv_dw", timm + "bn1", ours + "0.0", ours + "0.1");
          norm(names, timm + "conv_pw", timm + "bn2", ours + "1", ours + "2");
        } else {
          norm(names, timm + "conv_pw", timm + "bn1", ours + "0.0", ours + "0.1");
          norm(names, timm + "conv_dw", timm + "bn2", ours + "1.0", ours + "1.1");
          norm(names, timm + "conv_pwl", timm + "bn3", ours + "2", ours + "3");
        }
      }
    }
    norm(names, "conv_head", "bn2", "features.18.0", "features.18.1");
    return names;
  }

  private static void norm(
      Map<String, String> names, String conv, String norm, String ourConv, String ourNorm) {
    names.put(conv + ".weight", ourConv + ".weight");
    for (String local : List.of("weight", "bias", "running_mean", "running_var")) {
      names.put(norm + "." + local, ourNorm + "." + local);
    }
  }

  @Test
  void loadsTheNamesOfTimmAndOfDataParallel() {
    Architecture architecture = new Architecture(Backbone.MOBILENET_V2, 16, false);
    HeapTensors ours = TestWeights.of(architecture);
    for (String prefix : List.of("", "module.")) {
      Map<String, long[]> shapes = new LinkedHashMap<>();
      Map<String, float[]> values = new LinkedHashMap<>();
      timmNames()
          .forEach(
              (timm, name) -> {
                shapes.put(prefix + timm, ours.shapes().get(name));
                values.put(prefix + timm, ours.values().get(name));
              });
      shapes.put(prefix + "classifier.weight", new long[] {1});
      values.put(prefix + "classifier.weight", new float[1]);
      try (FaceNetwork network = FaceNetwork.create(architecture, ComputeDevice.cpu())) {
        LoadReport report =
            network.loadBackbone(Weights.of("timm", new HeapTensors("timm", shapes, values)), true);
        assertThat(report.loaded()).hasSize(52 * 5);
        network
            .parameters()
            .forEach(
                (name, parameter) -> {
                  if (!name.startsWith("embedding")) {
                    assertThat(parameter.getArray().toFloatArray())
                        .as(name)
                        .isEqualTo(ours.values().get(name));
                  }
                });
      }
    }
  }

  @Test
  void trunkAndTailTogetherAreTheNetwork() {
    try (FaceNetwork network = network(Backbone.MOBILENET_V2, false);
        NDManager manager = PyTorchRuntime.engine().newBaseManager()) {
      network.trainLast(10);
      // The last convolution, the inverted residual before it and half of the one before that.
      long[] shape = {1, 3, 64, 64};
      float[] whole = run(network, manager, shape);
      NDArray x = manager.create(FloatBuffer.wrap(TestWeights.input(shape)), new Shape(shape));
      ParameterStore store = new ParameterStore(manager, true);
      NDList middle = network.trunk().forward(store, new NDList(x), false);
      assertThat(middle.singletonOrThrow().getShape()).isEqualTo(new Shape(1, 160, 2, 2));
      NDArray end = network.tail().forward(store, middle, false).singletonOrThrow();
      assertThat(end.toFloatArray()).isEqualTo(whole);
    }
  }

  @Test
  void trainingMovesTheLastLayersAloneAndFreezesStatistics() {
    try (FaceNetwork network = network(Backbone.MOBILENET_V2, false);
        Model model = PyTorchRuntime.engine().newModel("test", ai.djl.Device.cpu())) {
      model.setBlock(network);
      network.trainLast(10);
      Map<String, float[]> before = new HashMap<>();
      network.parameters().forEach((n, p) -> before.put(n, p.getArray().toFloatArray()));
      DefaultTrainingConfig config =
          new DefaultTrainingConfig(Loss.l2Loss())
              .optDevices(new ai.djl.Device[] {ai.djl.Device.cpu()})
              .optOptimizer(Optimizer.sgd().setLearningRateTracker(Tracker.fixed(0.01f)).build());
      try (Trainer trainer = model.newTrainer(config)) {
        trainer.initialize(new Shape(2, 3, 64, 64));
        for (int step = 0; step < 2; step++) {
          try (NDManager scope = trainer.getManager().newSubManager();
              GradientCollector collector = trainer.newGradientCollector()) {
            NDArray x =
                scope.create(
                    FloatBuffer.wrap(TestWeights.input(2, 3, 64, 64)), new Shape(2, 3, 64, 64));
            NDArray y = trainer.forward(new NDList(x)).singletonOrThrow();
            collector.backward(y.square().mean());
          }
          trainer.step();
        }
      }
      List<String> names = List.copyOf(before.keySet());
      for (String name : names) {
        Parameter parameter = network.parameters().get(name);
        boolean moved =
            !java.util.Arrays.equals(parameter.getArray().toFloatArray(), before.get(name));
        if (name.matches("features\\.1[67]\\.conv\\.3\\.bias")) {
          continue; // has no gradient: the next batch normalization takes it out again
        }
        assertThat(moved).as(name).isEqualTo(isTrained(name));
      }
    }
  }

  /** The last ten layers of the backbone, and the head. */
  private static boolean isTrained(String name) {
    return name.startsWith("embedding.")
        || name.startsWith("features.18.")
        || name.startsWith("features.17.conv.")
        || name.matches("features\\.16\\.conv\\.[23]\\..*");
  }

  @Test
  void runningStatisticsFollowPyTorch() {
    try (NDManager manager = PyTorchRuntime.engine().newBaseManager()) {
      BatchNormalization norm = new BatchNormalization("bn", 1);
      norm.initialize(manager, ai.djl.ndarray.types.DataType.FLOAT32, new Shape(2, 1, 1, 2));
      NDArray x = manager.create(new float[] {1, 2, 3, 6}, new Shape(2, 1, 1, 2));
      norm.run(new ParameterStore(manager, true), x, true);
      Map<String, float[]> after = new HashMap<>();
      norm.getDirectParameters()
          .forEach(p -> after.put(p.getKey(), p.getValue().getArray().toFloatArray()));
      // Mean 3 and unbiased variance 14 / 3, of which PyTorch takes a tenth.
      assertThat(after.get("running_mean")[0]).isCloseTo(0.3f, within(1e-6f));
      assertThat(after.get("running_var")[0]).isCloseTo(0.9f + 1.4f / 3, within(1e-6f));
    }
  }
}
