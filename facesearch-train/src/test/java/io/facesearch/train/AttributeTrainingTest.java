package io.facesearch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.Embedding;
import io.facesearch.FaceImage;
import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceAttributes;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.ModelFileEmbedder;
import io.facesearch.embed.WeightsFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttributeTrainingTest {
  private static final int SIZE = 32;
  private static final List<String> NAMES = List.of("striped", "bright");

  @TempDir Path folder;

  /** Noise; some with stripes, some bright. */
  private static LabeledImages images(int count, int first) {
    LabeledImages patterns = TestNetworks.images(count, 1, SIZE);
    return new LabeledImages() {
      @Override
      public int size() {
        return count;
      }

      @Override
      public String name(int i) {
        return "photo-" + (first + i);
      }

      @Override
      public String identity(int i) {
        return patterns.identity(i);
      }

      @Override
      public FaceImage image(int i) {
        int n = first + i;
        SplittableRandom random = new SplittableRandom(n);
        byte[] rgb = new byte[3 * SIZE * SIZE];
        for (int at = 0; at < rgb.length; at++) {
          int x = at / 3 % SIZE;
          int value = random.nextInt(60) + (striped(n) && x % 8 < 4 ? 60 : 0);
          rgb[at] = (byte) (value + (bright(n) ? 100 : 0));
        }
        return FaceImage.ofRgb(SIZE, SIZE, rgb);
      }
    };
  }

  private static boolean striped(int n) {
    return n % 2 == 0;
  }

  private static boolean bright(int n) {
    return n / 2 % 3 == 0;
  }

  private AttributeLabels labels(int count) throws Exception {
    StringBuilder csv = new StringBuilder("photo,striped,bright\n");
    for (int n = 0; n < count; n++) {
      // Some are not known.
      String stripes = n % 7 == 3 ? "" : striped(n) ? "yes" : "no";
      csv.append("photo-" + n + "," + stripes + "," + (bright(n) ? 1 : 0) + "\n");
    }
    Path file = folder.resolve("labels.csv");
    Files.writeString(file, csv);
    return AttributeLabels.ofCsv(file, Path.of(""));
  }

  private static FaceNetwork network() {
    FaceNetwork network =
        FaceNetwork.create(
            Architecture.ofAttributes(Backbone.MOBILENET_V2, NAMES), ComputeDevice.cpu(), 3);
    try (FaceNetwork other = TestNetworks.network(false)) {
      TestNetworks.weights(other)
          .forEach(
              (name, values) -> {
                if (!name.startsWith("embedding.")) {
                  GradientSteps.memory(network.parameters().get(name).getArray()).put(0, values);
                }
              });
    }
    return network;
  }

  @Test
  void learnsWhatItIsToldAndTellsItOfOthers() throws Exception {
    AttributeLabels labels = labels(480);
    Path file = folder.resolve("looks.safetensors");
    try (FaceNetwork network = network()) {
      TrainingResult result =
          AttributeTraining.of(
                  network, TestNetworks.preprocessing(SIZE), images(400, 0), labels, 40)
              .trainedLayers(0)
              .augmentation(Augmentation.NONE)
              .optimizer(
                  new OptimizerSettings(OptimizerSettings.Kind.ADAMW, 2e-3, 0.01, 0.9, 5, 5, 1))
              .trunkCache(folder.resolve("c"), 1)
              .validation(images(80, 400), 20, 10)
              .steps(60)
              .build()
              .run();
      double first = result.reports().get(0).loss();
      double last = result.reports().get(result.reports().size() - 1).loss();
      assertThat(last).isLessThan(0.5 * first);
      assertThat(result.bestScore()).isGreaterThan(0.9);
      Checkpoint.of(network).preprocessing(TestNetworks.preprocessing(SIZE)).build().write(file);
    }
    Checkpoint checkpoint = Checkpoint.read(file);
    FaceAttributes attributes = FaceAttributes.of(checkpoint);
    assertThat(attributes.names()).isEqualTo(NAMES);
    int right = 0;
    try (ModelFileEmbedder embedder =
        ModelFileEmbedder.builder(file).device(ComputeDevice.cpu()).build()) {
      for (int n = 400; n < 480; n++) {
        Embedding vector = embedder.embed(List.of(images(80, 400).image(n - 400))).get(0);
        Map<String, Double> p = attributes.probabilities(vector);
        assertThat(p.keySet()).containsExactlyElementsOf(NAMES);
        assertThat(p.values()).allMatch(v -> v >= 0 && v <= 1);
        right += p.get("striped") > 0.5 == striped(n) ? 1 : 0;
        right += p.get("bright") > 0.5 == bright(n) ? 1 : 0;
        assertThat(attributes.tags(vector)).hasSize(2);
      }
    }
    assertThat(right).as("of 160").isGreaterThan(140);
  }

  @Test
  void lossAndGradientAreThoseOfCrossEntropy() {
    AttributeLoss loss = new AttributeLoss(new byte[][] {{1, -1}, {0, 1}});
    float[] vectors = {0.5f, 0.2f, 0.9f, -0.4f};
    Objective.Outcome outcome = loss.evaluate(new int[] {0, 1}, vectors, 2);
    double expected = -(Math.log(0.75) + Math.log(0.4) + Math.log(0.3)) / 3;
    assertThat(outcome.loss()).isCloseTo(expected, within(1e-6));
    for (int i = 0; i < vectors.length; i++) {
      float[] moved = vectors.clone();
      moved[i] += 1e-3f;
      double up = loss.evaluate(new int[] {0, 1}, moved, 2).loss();
      assertThat((double) outcome.gradient()[i])
          .isCloseTo((up - outcome.loss()) / 1e-3, within(2e-3));
    }
  }

  @Test
  void aNetworkOfOtherAttributesIsRefused() throws Exception {
    AttributeLabels labels = labels(20);
    try (FaceNetwork faces = TestNetworks.network(false)) {
      assertThatThrownBy(
              () ->
                  AttributeTraining.of(
                      faces, TestNetworks.preprocessing(SIZE), images(20, 0), labels, 8))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[striped, bright]")
          .hasMessageContaining("Architecture.ofAttributes");
      Checkpoint plain = Checkpoint.of(faces).build();
      assertThatThrownBy(() -> FaceAttributes.of(plain))
          .isInstanceOf(WeightsFormatException.class)
          .hasMessageContaining("tells no attributes");
    }
  }

  @Test
  void anAttributeThatAllOrNoneHaveIsRefused() throws Exception {
    AttributeLabels labels = labels(20);
    try (FaceNetwork network = network()) {
      assertThatThrownBy(
              () ->
                  AttributeTraining.of(
                      network, TestNetworks.preprocessing(SIZE), images(20, 200), labels, 8))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("striped 0 are known to have it");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name,a/x.jpg,1 | line 1: expected \"photo\"",
        "photo,a,a/x.jpg,1,0 | line 1: expected \"photo\"",
        "photo,a/x.jpg,maybe | line 2: a: expected 1 or yes, 0, -1 or no, or nothing, but found:"
            + " maybe",
        "photo,a/x.jpg | line 2: expected 2 fields",
        "photo,a/x.jpg,1/x.jpg,0 | line 3: this photo was labeled before",
        "photo,a | has no labels"
      })
  void linesThatDoNotFitAreTold(String lines, String message) throws Exception {
    Path file = folder.resolve("bad.csv");
    Files.writeString(file, lines.replace("/", "\n"));
    assertThatThrownBy(() -> AttributeLabels.ofCsv(file, folder))
        .isInstanceOf(DatasetFormatException.class)
        .hasMessageContaining(message);
  }
}
