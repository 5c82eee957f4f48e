package io.facesearch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.nn.Parameter;
import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.Preprocessing;
import io.facesearch.embed.Weights;
import io.facesearch.train.FaceDataset.Photo;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random triplets on real weights of ImageNet and photos of CelebA: what made the loss stay at the
 * margin, and that the defaults do not.
 */
@Tag("shared-data")
class ImageNetTrainingTest {
  private static final Path WEIGHTS =
      Path.of("../../shared/models/mobilenet_v2_imagenet.safetensors");
  private static final Path CELEBA = Path.of("../../shared/data/celeba");
  private static final double MARGIN = 0.2;
  private static final int STEPS = 60;
  private static final int PEOPLE = 60;
  private static final OptimizerSettings FORMER =
      new OptimizerSettings(OptimizerSettings.Kind.ADAMW, 1e-4, 0.01, 0.9, 50, 5, 1);

  @TempDir Path folder;

  @BeforeEach
  void dataIsHere() {
    assumeTrue(Files.exists(WEIGHTS), WEIGHTS + " is not here: skipped");
    assumeTrue(Files.exists(CELEBA), CELEBA + " is not here: skipped");
  }

  /** Mean loss and squared distances of the first step, and of the last ten. */
  private record Outcome(StepReport first, double loss, double positive, double negative) {}

  private Outcome train(boolean folded, boolean fitted, boolean unit, OptimizerSettings how)
      throws Exception {
    List<Photo> photos = new ArrayList<>();
    try (CelebA celebA = CelebA.read(CELEBA)) {
      celebA.dataset().withIdentitiesOf(4).byIdentity().values().stream()
          .limit(PEOPLE)
          .forEach(some -> photos.addAll(some.subList(0, 4)));
    }
    Architecture architecture = new Architecture(Backbone.MOBILENET_V2, 128, unit);
    try (FaceNetwork network = FaceNetwork.create(architecture, ComputeDevice.cpu(), 42)) {
      network.loadBackbone(Weights.read(WEIGHTS), true);
      if (folded) {
        fold(network.parameters());
      }
      if (!fitted) {
        // As if it had been trained: it stays as it is.
        HeadStart.memory(network, HeadStart.LAST_BIAS).put(0, Float.MIN_NORMAL);
      }
      List<StepReport> reports =
          TripletTraining.random(
                  network,
                  Preprocessing.imageNet(96, 96),
                  LabeledImages.of(photos),
                  new TripletLoss(MARGIN, true, TripletLoss.Mining.RANDOM),
                  16)
              .optimizer(how)
              .steps(STEPS)
              .trunkCache(folder.resolve(folded + ".trunk"), 1)
              .build()
              .run()
              .reports();
      List<StepReport> last = reports.subList(STEPS - 10, STEPS);
      Outcome outcome =
          new Outcome(
              reports.get(0),
              last.stream().mapToDouble(StepReport::loss).average().orElseThrow(),
              last.stream().mapToDouble(StepReport::positive).average().orElseThrow(),
              last.stream().mapToDouble(StepReport::negative).average().orElseThrow());
      System.out.printf(
          Locale.ROOT,
          "folded %b, head fitted %b, unit vectors %b, rate %.4f, head %.1f: first loss %.3f,"
              + " distance %.5f; then loss %.3f, distances %.4f and %.4f%n",
          folded,
          fitted,
          unit,
          how.learningRate(),
          how.headRate(),
          outcome.first.loss(),
          outcome.first.negative(),
          outcome.loss,
          outcome.positive,
          outcome.negative);
      return outcome;
    }
  }

  /** Batch normalization into the convolution before it; what is left adds the bias. */
  private static void fold(Map<String, Parameter> parameters) {
    String conv = "";
    for (String name : parameters.keySet()) {
      if (name.endsWith(".running_var")) {
        String norm = name.substring(0, name.length() - "running_var".length());
        FloatBuffer weight = memory(parameters, conv);
        FloatBuffer scale = memory(parameters, norm + "weight");
        FloatBuffer shift = memory(parameters, norm + "bias");
        FloatBuffer mean = memory(parameters, norm + "running_mean");
        FloatBuffer variance = memory(parameters, name);
        int size = weight.capacity() / scale.capacity();
        for (int c = 0; c < scale.capacity(); c++) {
          float factor = (float) (scale.get(c) / Math.sqrt(variance.get(c) + 1e-5));
          for (int i = c * size; i < (c + 1) * size; i++) {
            weight.put(i, factor * weight.get(i));
          }
          shift.put(c, shift.get(c) - factor * mean.get(c));
          scale.put(c, (float) Math.sqrt(1 + 1e-5));
          mean.put(c, 0);
          variance.put(c, 1);
        }
      } else if (parameters.get(name).getArray().getShape().dimension() == 4) {
        conv = name;
      }
    }
  }

  private static FloatBuffer memory(Map<String, Parameter> parameters, String name) {
    return GradientSteps.memory(parameters.get(name).getArray());
  }

  @Test
  void theFormerRecipeOnFoldedWeightsIsToldToCollapse() {
    assertThatThrownBy(() -> train(true, false, false, FORMER))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("nearly the same vector");
  }

  @Test
  void theDefaultsDoNotCollapseOnAnyOfThem() throws Exception {
    for (boolean unit : new boolean[] {false, true}) {
      Outcome outcome = train(false, true, unit, TripletTraining.OPTIMIZER);
      assertThat(outcome.first.negative()).isGreaterThan(2 * MARGIN);
      assertThat(outcome.loss).isLessThan(0.75 * MARGIN);
      assertThat(outcome.negative).isGreaterThan(1.3 * outcome.positive);
    }
  }

  /** For the table in docs/TRAINING.md. */
  @Test
  @Tag("slow")
  void eachCauseHasItsPart() throws Exception {
    for (boolean folded : new boolean[] {true, false}) {
      for (boolean fitted : new boolean[] {false, true}) {
        for (OptimizerSettings how : List.of(FORMER, TripletTraining.OPTIMIZER)) {
          for (boolean unit : new boolean[] {false, true}) {
            try {
              train(folded, fitted, unit, how);
            } catch (TrainingException e) {
              System.out.printf(
                  "folded %b, head fitted %b, unit vectors %b, rate %.4f: %s%n",
                  folded, fitted, unit, how.learningRate(), e.getMessage());
              assertThat(folded || !fitted).as("the defaults collapse").isTrue();
            }
          }
        }
      }
    }
  }
}
