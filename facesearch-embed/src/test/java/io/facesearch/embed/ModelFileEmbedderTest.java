package io.facesearch.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.AlignmentTemplate;
import io.facesearch.Embedding;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import io.facesearch.testing.FaceEmbedderContract;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFileEmbedderTest extends FaceEmbedderContract {
  @TempDir Path folder;

  @Override
  protected FaceEmbedder create() throws IOException {
    Path file = folder.resolve("contract.safetensors");
    if (!Files.exists(file)) {
      CheckpointTest.make(Preprocessing.imageNet(64, 64), ModelDescription.box(64, 64)).write(file);
    }
    return ModelFileEmbedder.builder(file).threads(2).batchSize(4).build();
  }

  private static List<FaceImage> chips(int n, int size) {
    List<FaceImage> chips = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      chips.add(TestChips.chip(i, size, size));
    }
    return chips;
  }

  /** A network of the ArcFace kind with random weights: ResNet-50, 112x112, no normalization. */
  private Path arcFace() throws IOException {
    Architecture architecture = new Architecture(Backbone.RESNET50, 64, false);
    FoldedNetwork network = FaceNetwork.fold(architecture, TestWeights.of(architecture));
    Path file = folder.resolve("arcface.onnx");
    try (NativeBuffer model = OnnxWriter.write(network);
        SeekableByteChannel channel =
            Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(model.bytes());
    }
    return file;
  }

  private static void assertClose(Embedding actual, float[] expected, float tolerance) {
    for (int d = 0; d < expected.length; d++) {
      assertThat(actual.get(d)).as("value %d", d).isCloseTo(expected[d], within(tolerance));
    }
  }

  @Test
  void runsAnArcFaceOnnxFileWithItsPreprocessing() throws IOException {
    Path file = arcFace();
    ModelFileEmbedder.Builder builder =
        ModelFileEmbedder.builder(file)
            .preprocessing(Preprocessing.arcFace())
            .alignment(AlignmentTemplate.arcFace112())
            .threads(2);
    List<FaceImage> chips = chips(5, 112);
    try (ModelFileEmbedder plain = builder.build();
        ModelFileEmbedder averaged = builder.mirrorAverage(true).normalize(true).build();
        Network torch =
            new PyTorchNetwork(
                FaceNetwork.fold(
                    new Architecture(Backbone.RESNET50, 64, false),
                    TestWeights.of(new Architecture(Backbone.RESNET50, 64, false))),
                ComputeDevice.cpu());
        Network.Runner runner = torch.newRunner(1, 3, 112, 112)) {
      assertThat(plain.card().dimension()).isEqualTo(64);
      assertThat(plain.card().input().name()).isEqualTo("arcface_112");
      assertThat(plain.card().threshold().falseAcceptRate()).isEqualTo(1);
      assertThat(averaged.card().fingerprint()).isNotEqualTo(plain.card().fingerprint());
      List<Embedding> vectors = plain.embed(chips);
      List<Embedding> unit = averaged.embed(chips);
      for (int i = 0; i < chips.size(); i++) {
        Preprocessing.arcFace().write(chips.get(i), false, runner.input(), 0);
        float[] expected = runner.run(1, false);
        assertClose(vectors.get(i), expected, 1e-3f);
        Embedding mirrored = plain.embed(List.of(TestChips.mirror(chips.get(i)))).get(0);
        float[] mean = new float[64];
        double squares = 0;
        for (int d = 0; d < 64; d++) {
          mean[d] = (vectors.get(i).get(d) + mirrored.get(d)) / 2;
          squares += mean[d] * mean[d];
        }
        for (int d = 0; d < 64; d++) {
          mean[d] /= (float) Math.sqrt(squares);
        }
        assertClose(unit.get(i), mean, 1e-5f);
      }
    }
  }

  @Test
  void takesItsDescriptionFromTheFileBeside() throws IOException {
    Path file = arcFace();
    assertThatThrownBy(() -> ModelFileEmbedder.open(file))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining("arcface.onnx.json");
    Path beside = folder.resolve("arcface.onnx.json");
    Files.write(beside, new byte[] {'{', '"', (byte) 0xff, '"', '}'});
    assertThatThrownBy(() -> ModelFileEmbedder.open(file))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining("arcface.onnx.json")
        .hasMessageContaining("UTF-8");
    String description =
        """
        {"name": "my-arcface", "license": "none", "alignment": "arcface_112", "normalize": true,
         "preprocessing": {"width": 112, "height": 112, "mean": [0.5, 0.5, 0.5],
                           "std": [0.5, 0.5, 0.5], "channels": "rgb", "layout": "nchw"},
         "threshold": {"distance": 1.1, "falseAcceptRate": 0.001, "calibratedOn": "pairs"}}
        """;
    String british = description.replace("license", "licence").replace("normalize", "normalise");
    for (String text : List.of(british, description)) {
      Files.writeString(beside, text);
      try (ModelFileEmbedder embedder = ModelFileEmbedder.open(file)) {
        assertThat(embedder.card().name()).isEqualTo("my-arcface");
        assertThat(embedder.card().threshold().distance()).isEqualTo(1.1);
        double squares = 0;
        for (float value : embedder.embed(chips(1, 112)).get(0).toArray()) {
          squares += value * value;
        }
        assertThat(squares).isCloseTo(1, within(1e-5));
      }
    }
    Files.writeString(beside, description.replace("normalize", "normalized"));
    assertThatThrownBy(() -> ModelFileEmbedder.open(file))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining("\"normalized\" says nothing")
        .hasMessageContaining("normalize");
    for (String broken :
        List.of(
            "{",
            "[]",
            "{\"name\": 3}",
            "{\"preprocessing\": 1}",
            description.replace("\"normalize\": true", "\"normalize\": null"),
            description.replace("\"normalize\": true", "\"normalize\": {}"))) {
      Files.writeString(beside, broken);
      assertThatThrownBy(() -> ModelFileEmbedder.open(file))
          .isInstanceOf(WeightsFormatException.class)
          .hasMessageContaining("arcface.onnx.json");
    }
  }

  @Test
  void runsTorchScript() throws IOException {
    Path file = Files.write(folder.resolve("mean.pt"), TestWeights.bytes("mean.pt"));
    Preprocessing pixels = Preprocessing.imageNet(20, 16);
    try (ModelFileEmbedder embedder =
        ModelFileEmbedder.builder(file).preprocessing(pixels).threads(2).batchSize(4).build()) {
      List<FaceImage> chips = new ArrayList<>();
      for (int i = 0; i < 11; i++) {
        chips.add(TestChips.chip(i, 20, 16));
      }
      List<Embedding> vectors = embedder.embed(chips);
      java.nio.FloatBuffer values = java.nio.FloatBuffer.allocate(3 * 20 * 16);
      for (int i = 0; i < chips.size(); i++) {
        pixels.write(chips.get(i), false, values, 0);
        float[] expected = new float[6];
        for (int c = 0; c < 3; c++) {
          double sum = 0;
          for (int p = 0; p < 320; p++) {
            sum += values.get(320 * c + p);
          }
          expected[c] = (float) (sum / 320);
          expected[3 + c] = values.get(320 * c);
        }
        assertClose(vectors.get(i), expected, 1e-5f);
      }
    }
  }

  @Test
  void aCheckpointGivesWhatTheTrainedNetworkGives() throws Exception {
    Path file = folder.resolve("net.safetensors");
    Preprocessing pixels = Preprocessing.imageNet(64, 64);
    CheckpointTest.make(pixels, ModelDescription.box(64, 64)).write(file);
    List<FaceImage> chips = chips(9, 64);
    try (ModelFileEmbedder embedder = ModelFileEmbedder.builder(file).threads(2).build();
        FaceNetwork network = Checkpoint.read(file).network(ComputeDevice.cpu());
        var manager = PyTorchRuntime.engine().newBaseManager()) {
      assertThat(embedder.card().name()).isEqualTo("test-net");
      assertThat(embedder.card().fingerprint())
          .isEqualTo(Checkpoint.read(file).card().fingerprint());
      List<Embedding> vectors = embedder.embed(chips);
      java.nio.FloatBuffer values = java.nio.FloatBuffer.allocate(9 * pixels.size());
      for (int i = 0; i < 9; i++) {
        pixels.write(chips.get(i), false, values, i * pixels.size());
      }
      var input = manager.create(values, new ai.djl.ndarray.types.Shape(9, 3, 64, 64));
      float[] expected =
          network
              .forward(
                  new ai.djl.training.ParameterStore(manager, true),
                  new ai.djl.ndarray.NDList(input),
                  false)
              .singletonOrThrow()
              .toFloatArray();
      for (int i = 0; i < 9; i++) {
        assertClose(
            vectors.get(i), java.util.Arrays.copyOfRange(expected, 32 * i, 32 * i + 32), 1e-4f);
      }
      ExecutorService callers = Executors.newFixedThreadPool(16);
      try {
        List<Future<List<Embedding>>> calls = new ArrayList<>();
        for (int i = 0; i < 48; i++) {
          List<FaceImage> some = chips.subList(0, 1 + i % 9);
          calls.add(callers.submit(() -> embedder.embed(some)));
        }
        for (Future<List<Embedding>> call : calls) {
          List<Embedding> got = call.get();
          for (int i = 0; i < got.size(); i++) {
            assertClose(got.get(i), vectors.get(i).toArray(), 1e-5f);
          }
        }
      } finally {
        callers.shutdownNow();
      }
      assertThatThrownBy(() -> embedder.embed(chips(1, 50)))
          .hasMessageContaining("must be 64x64 pixels, but is 50x50");
    }
  }

  @Test
  void badFilesAreTypedErrors() throws IOException {
    Preprocessing pixels = Preprocessing.arcFace();
    Path state = Files.write(folder.resolve("state.pth"), TestWeights.bytes("tiny.pth"));
    assertRefused(state, pixels, "weights without a network");
    Path legacy = Files.write(folder.resolve("old.pth"), TestWeights.bytes("tiny_legacy.pth"));
    assertRefused(legacy, pixels, "weights without a network");
    Path text = Files.writeString(folder.resolve("a.onnx"), "not a model at all");
    assertRefused(text, pixels, "ONNX Runtime cannot load it");
    byte[] script = TestWeights.bytes("mean.pt");
    Path cut =
        Files.write(folder.resolve("cut.pt"), java.util.Arrays.copyOf(script, script.length / 2));
    assertRefused(cut, pixels, "sound zip");
    Path nhwc = arcFace();
    Preprocessing other =
        new Preprocessing(
            112,
            112,
            pixels.mean(),
            pixels.std(),
            Preprocessing.ChannelOrder.RGB,
            Preprocessing.Layout.NHWC);
    assertRefused(nhwc, other, "declare size and layout");
  }

  private static void assertRefused(Path file, Preprocessing preprocessing, String message) {
    assertThatThrownBy(() -> ModelFileEmbedder.builder(file).preprocessing(preprocessing).build())
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void aGpuThatIsNotThereIsAnErrorAndAutoIsTheCpu() throws IOException {
    Path onnx = arcFace();
    assertThatThrownBy(
            () ->
                ModelFileEmbedder.builder(onnx)
                    .preprocessing(Preprocessing.arcFace())
                    .device(ComputeDevice.gpu(0))
                    .build())
        .isInstanceOf(DeviceUnavailableException.class)
        .hasMessageContaining("gpu(0)", "onnxruntime_gpu");
    assertThatThrownBy(
            () ->
                DlibFaceEmbedder.builder(TestWeights.dlib())
                    .device(ComputeDevice.parse("gpu(3)"))
                    .build())
        .isInstanceOf(DeviceUnavailableException.class)
        .hasMessageContaining("gpu(3)", "PYTORCH_FLAVOR");
    try (DlibFaceEmbedder embedder =
        DlibFaceEmbedder.builder(TestWeights.dlib()).device(ComputeDevice.auto()).build()) {
      assertThat(embedder).asString().endsWith("cpu]");
    }
    assertThat(ComputeDevice.parse("gpu")).isEqualTo(ComputeDevice.gpu(0));
    assertThat(ComputeDevice.parse("gpu:1")).hasToString("gpu(1)");
    assertThatThrownBy(() -> ComputeDevice.parse("cuda")).hasMessageContaining("cuda");
    assertThatThrownBy(() -> ComputeDevice.gpu(-1)).hasMessageContaining("-1");
  }
}
