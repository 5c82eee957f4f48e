package io.facesearch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.DecisionThreshold;
import io.facesearch.FaceImage;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.eval.RetrievalEvaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRecipeTest {
  private static final int SIZE = 32;
  private static final int PEOPLE = 25;
  private static final int EACH = 3;

  @TempDir private Path folder;

  private FaceDataset dataset() throws IOException {
    LabeledImages images = TestNetworks.images(PEOPLE, EACH, SIZE);
    for (int i = 0; i < images.size(); i++) {
      Path person = Files.createDirectories(folder.resolve(images.identity(i)));
      FaceImage image = images.image(i);
      ImageIO.write(image.toBufferedImage(), "png", person.resolve(i + ".png").toFile());
    }
    Path alone = Files.createDirectories(folder.resolve("alone"));
    ImageIO.write(images.image(0).toBufferedImage(), "png", alone.resolve("one.png").toFile());
    return FaceDataset.ofFolder(folder);
  }

  private static Set<String> people(LabeledImages images) {
    Set<String> people = new HashSet<>();
    IntStream.range(0, images.size()).forEach(i -> people.add(images.identity(i)));
    return people;
  }

  private static TrainingRecipe recipe() {
    return TrainingRecipe.builder().validation(0.2, 100, 10).build();
  }

  @Test
  void everybodyOfTwoPhotosIsInOnePart() throws Exception {
    TrainingParts parts = recipe().parts(dataset());
    assertThat(people(parts.train())).hasSize(16).hasSize(parts.people());
    assertThat(people(parts.validation())).hasSize(4);
    assertThat(people(parts.test())).hasSize(5);
    Set<String> all = new HashSet<>(people(parts.train()));
    all.addAll(people(parts.validation()));
    assertThat(parts.known().byIdentity().keySet()).isEqualTo(all);
    all.addAll(people(parts.test()));
    assertThat(all).hasSize(PEOPLE).doesNotContain("alone");
    assertThat(parts.dataset().leftOut()).hasSize(1);
    assertThat(people(recipe().parts(dataset()).train())).isEqualTo(people(parts.train()));
    TrainingParts others =
        TrainingRecipe.builder().seed(7).validation(0.2, 100, 10).build().parts(dataset());
    assertThat(people(others.train())).hasSize(16).isNotEqualTo(people(parts.train()));
  }

  @Test
  void aRunBeginsWithTheSettingsOfItsKindAndOfTheCommand() throws Exception {
    TrainingParts parts = recipe().parts(dataset());
    try (FaceNetwork network = TestNetworks.network(true)) {
      TripletLoss loss = new TripletLoss(0.2, true, TripletLoss.Mining.SEMI_HARD);
      TrainingRun.Builder run =
          TripletTraining.mined(
              network, TestNetworks.preprocessing(SIZE), parts.train(), loss, 4, 2);
      recipe().configure(run, parts);
      assertThat(run.describe())
          .contains(new Augmentation(0.5, 0, 0).toString(), TripletTraining.OPTIMIZER.toString())
          .contains("steps=1000; seed=42", "validation=12/100", "patience=10");
      TrainingRecipe.builder()
          .steps(5)
          .seed(3)
          .augmentation(Augmentation.NONE)
          .optimizer(
              its ->
                  new OptimizerSettings(
                      its.kind(), 0.125, its.weightDecay(), 0, 1, 2, its.headRate()))
          .build()
          .configure(run, parts);
      assertThat(run.describe())
          .contains("steps=5; seed=3", "learningRate=0.125", Augmentation.NONE.toString());
    }
  }

  @Test
  void aModelIsCalibratedOnPeopleThatItWasNotTrainedOnAndTestedOnOthers() throws Exception {
    TrainingParts parts = recipe().parts(dataset());
    try (FaceNetwork network = TestNetworks.network(true)) {
      Checkpoint checkpoint =
          Checkpoint.of(network).preprocessing(TestNetworks.preprocessing(SIZE)).build();
      DecisionThreshold threshold = parts.calibrate(checkpoint, 0.2);
      assertThat(threshold.distance()).isPositive();
      assertThat(threshold.falseAcceptRate()).isEqualTo(0.2);
      assertThatThrownBy(() -> parts.calibrate(checkpoint, 0.001))
          .isInstanceOf(IllegalArgumentException.class);
      RetrievalEvaluation.Result result = parts.evaluate(checkpoint);
      assertThat(result.queries()).isEqualTo(5);
      assertThat(result.gallery()).isEqualTo(10);
      List<String> asked = new ArrayList<>();
      LabeledImages photos = LabeledImages.of(parts.dataset().photos());
      parts.withImages(listening(photos, asked)).calibrate(checkpoint, 0.2);
      assertThat(asked).hasSize(12);
    }
  }

  private static LabeledImages listening(LabeledImages images, List<String> asked) {
    return new LabeledImages() {
      @Override
      public int size() {
        return images.size();
      }

      @Override
      public String name(int i) {
        return images.name(i);
      }

      @Override
      public String identity(int i) {
        return images.identity(i);
      }

      @Override
      public FaceImage image(int i) throws IOException {
        asked.add(images.name(i));
        return images.image(i);
      }
    };
  }
}
