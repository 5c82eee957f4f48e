package io.facesearch.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.AlignmentTemplate;
import io.facesearch.DecisionThreshold;
import io.facesearch.FaceImage;
import io.facesearch.ModelCard;
import io.facesearch.Rate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  static final Architecture SMALL = new Architecture(Backbone.MOBILENET_V2, 32, true);

  private static final DecisionThreshold THRESHOLD =
      new DecisionThreshold(
          0.7, 0.8, 1, 0.01, new Rate(0.01, 0.005, 0.02), new Rate(0.1, 0.05, 0.2), "a test");

  @TempDir Path folder;

  /** A MobileNet-V2 with the weights of the formula. */
  static Checkpoint make(Preprocessing preprocessing, AlignmentTemplate alignment) {
    try (FaceNetwork network = FaceNetwork.create(SMALL, ComputeDevice.cpu())) {
      network.load(Weights.of("formula", TestWeights.of(SMALL)), true);
      return Checkpoint.of(network)
          .name("test-net")
          .license("none, random")
          .preprocessing(preprocessing)
          .alignment(alignment)
          .threshold(THRESHOLD)
          .build();
    }
  }

  private static Checkpoint arcFace() {
    return make(Preprocessing.arcFace(), AlignmentTemplate.arcFace112());
  }

  @Test
  void comesBackAsItWas() throws IOException {
    Path file = folder.resolve("net.safetensors");
    Checkpoint made = arcFace();
    made.write(file);
    Checkpoint read = Checkpoint.read(file);
    ModelCard card = read.card();
    assertThat(card.fingerprint()).isEqualTo(made.card().fingerprint());
    assertThat(card.name()).isEqualTo("test-net");
    assertThat(card.license()).isEqualTo("none, random");
    assertThat(card.dimension()).isEqualTo(32);
    assertThat(card.threshold()).isEqualTo(THRESHOLD);
    assertThat(card.input()).hasToString(AlignmentTemplate.arcFace112().toString());
    assertThat(card.input().targetY(4)).isEqualTo(92.2041f);
    assertThat(read.preprocessing()).isEqualTo(Preprocessing.arcFace());
    assertThat(read.architecture()).isEqualTo(SMALL);
    try (FaceNetwork network = read.network(ComputeDevice.cpu())) {
      network
          .parameters()
          .forEach(
              (name, parameter) ->
                  assertThat(parameter.getArray().toFloatArray())
                      .as(name)
                      .isEqualTo(TestWeights.of(SMALL).values().get(name)));
      // Its weights are weights of any reader.
      assertThat(network.load(Weights.read(file), true).complete()).isTrue();
    }
    // Writing again replaces the file, byte for byte the same, and leaves nothing behind.
    byte[] before = Files.readAllBytes(file);
    read.write(file);
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void theFingerprintIsOfAllThatChangesVectors() {
    Preprocessing pixels = Preprocessing.imageNet(112, 112);
    String one = arcFace().card().fingerprint();
    assertThat(make(pixels, AlignmentTemplate.arcFace112()).card().fingerprint()).isNotEqualTo(one);
    assertThat(make(Preprocessing.arcFace(), ModelDescription.box(112, 112)).card().fingerprint())
        .isNotEqualTo(one);
    try (FaceNetwork network = FaceNetwork.create(SMALL, ComputeDevice.cpu())) {
      network.load(Weights.of("formula", TestWeights.of(SMALL)), true);
      Checkpoint.Builder builder =
          Checkpoint.of(network)
              .preprocessing(Preprocessing.arcFace())
              .alignment(AlignmentTemplate.arcFace112());
      assertThat(builder.name("other").build().card().fingerprint()).isEqualTo(one);
      network.parameters().get("embedding.2.bias").getArray().addi(1e-3f);
      assertThat(builder.build().card().fingerprint()).isNotEqualTo(one);
    }
  }

  @Test
  void exportsWhatItComputes() throws IOException {
    Path file = folder.resolve("net.safetensors");
    Path onnx = folder.resolve("net.onnx");
    Checkpoint made = arcFace();
    made.write(file);
    made.exportOnnx(onnx);
    List<FaceImage> chips = List.of(TestChips.chip(2, 112, 112), TestChips.chip(3, 112, 112));
    try (ModelFileEmbedder own = ModelFileEmbedder.open(file);
        ModelFileEmbedder exported =
            ModelFileEmbedder.builder(onnx).preprocessing(Preprocessing.arcFace()).build()) {
      for (int i = 0; i < 2; i++) {
        assertThat(exported.embed(chips).get(i).toArray())
            .isEqualTo(own.embed(chips).get(i).toArray());
      }
      assertThat(exported.card().fingerprint()).isNotEqualTo(own.card().fingerprint());
    }
  }

  @Test
  void damageIsFound() throws IOException {
    Path file = folder.resolve("net.safetensors");
    arcFace().write(file);
    byte[] sound = Files.readAllBytes(file);
    for (int length : new int[] {0, 7, 8, 1000, sound.length / 2, sound.length - 1}) {
      Files.write(file, Arrays.copyOf(sound, length));
      assertThatThrownBy(() -> Checkpoint.read(file)).isInstanceOf(WeightsFormatException.class);
    }
    byte[] flipped = sound.clone();
    flipped[sound.length / 2] ^= 1;
    Files.write(file, flipped);
    assertThatThrownBy(() -> Checkpoint.read(file))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining("damaged");
  }

  @Test
  void aWrongArchitectureOrDescriptionIsNamed() throws IOException {
    Path file = folder.resolve("net.safetensors");
    arcFace().write(file);
    String sound = Files.readString(file, StandardCharsets.ISO_8859_1);
    for (List<String> change :
        List.of(
            List.of("mobilenet_v2\\\",", "resnet50\\\",    ", "conv1.weight", "no such tensor"),
            List.of("mobilenet_v2\\\",", "vgg_16\\\",      ", "found vgg_16"),
            List.of("dimension\\\":32", "dimension\\\":64", "embedding.0.weight", "[64, 1280]"),
            List.of("version\\\":1", "version\\\":9", "version 9"),
            List.of("\\\"std\\\"", "\\\"sdt\\\"", "lacks \"std\""),
            List.of("\\\"NCHW\\\"", "\\\"NCWH\\\"", "NCWH"))) {
      assertThat(sound).contains(change.get(0));
      Files.writeString(
          file, sound.replace(change.get(0), change.get(1)), StandardCharsets.ISO_8859_1);
      assertThatThrownBy(() -> Checkpoint.read(file))
          .isInstanceOf(WeightsFormatException.class)
          .hasMessageContainingAll(change.subList(2, change.size()).toArray(new String[0]));
    }
    Files.write(file, TestWeights.bytes("tiny.safetensors"));
    assertThatThrownBy(() -> Checkpoint.read(file))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining("weights alone");
  }

  /**
   * A checkpoint of the first form, kept to be read forever. Only its head is: 9 MB of weights
   * follow it, in the order that it names, and those are the formula's.
   */
  @Test
  void aCheckpointOfTheFirstFormIsRead() throws Exception {
    Path now = folder.resolve("now.safetensors");
    Checkpoint made = arcFace();
    made.write(now);
    byte[] today = Files.readAllBytes(now);
    byte[] head = TestWeights.bytes("checkpoint-1.head");
    byte[] weights = Arrays.copyOfRange(today, headLength(today), today.length);
    Path then = folder.resolve("then.safetensors");
    Files.write(then, head);
    Files.write(then, weights, StandardOpenOption.APPEND);
    Checkpoint read = Checkpoint.read(then);
    assertThat(read.card()).hasToString(made.card().toString());
    assertThat(read.architecture()).isEqualTo(SMALL);
    assertThat(read.preprocessing()).isEqualTo(Preprocessing.arcFace());
  }

  /** The length of the head in safetensors: eight bytes and what they count. */
  private static int headLength(byte[] file) {
    return 8 + (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  /** Makes the head. */
  public static void main(String[] args) throws Exception {
    Path file = Files.createTempFile("golden", ".safetensors");
    arcFace().write(file);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(Path.of(args[0], "checkpoint-1.head"), Arrays.copyOf(bytes, headLength(bytes)));
  }
}
