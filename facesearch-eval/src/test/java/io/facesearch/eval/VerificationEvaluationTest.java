package io.facesearch.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.eval.VerificationEvaluation.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationEvaluationTest {
  @Test
  void partedPairsAreAllRight() {
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      outcomes.add(new Outcome(0.3 + i * 0.001, true));
      outcomes.add(new Outcome(0.7 + i * 0.001, false));
    }
    VerificationEvaluation evaluation = VerificationEvaluation.of(outcomes);
    assertThat(evaluation.accuracy(10).mean()).isEqualTo(1);
    assertThat(evaluation.accuracy(10).threshold()).isBetween(0.4, 0.7);
    assertThat(evaluation.rocArea()).isEqualTo(1);
    assertThat(evaluation.atFalseAcceptRate(0.03).trueAccept().value()).isEqualTo(1);
    assertThat(evaluation.detectedShare()).isEqualTo(1);
  }

  @Test
  void anUndetectedFaceIsAnErrorOfEitherKind() {
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      outcomes.add(new Outcome(i < 5 ? Double.NaN : 0.3, true));
      outcomes.add(new Outcome(i < 10 ? Double.NaN : 0.8, false));
    }
    VerificationEvaluation evaluation = VerificationEvaluation.of(outcomes);
    assertThat(evaluation.accuracy(10).mean()).isEqualTo(0.85, within(1e-9));
    assertThat(evaluation.detectedShare()).isEqualTo(0.85, within(1e-9));
    assertThat(evaluation.rocArea()).isEqualTo(0.9 * 0.8, within(1e-9));
  }

  /** Two normal distributions one standard deviation apart: known accuracy and area. */
  @Test
  void overlappingDistributionsGiveTheTextbookValues() {
    Random random = new Random(7);
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < 4000; i++) {
      outcomes.add(new Outcome(10 + random.nextGaussian(), true));
      outcomes.add(new Outcome(11 + random.nextGaussian(), false));
    }
    VerificationEvaluation evaluation = VerificationEvaluation.of(outcomes);
    assertThat(evaluation.accuracy(10).mean()).isEqualTo(0.6915, within(0.02));
    assertThat(evaluation.accuracy(10).threshold()).isEqualTo(10.5, within(0.2));
    assertThat(evaluation.rocArea()).isEqualTo(0.7602, within(0.02));
    assertThat(evaluation.atFalseAcceptRate(0.1).threshold()).isEqualTo(9.718, within(0.1));
  }

  @Test
  void ratesThatCannotBeMeasuredAreRefused() {
    VerificationEvaluation evaluation =
        VerificationEvaluation.of(List.of(new Outcome(1, true), new Outcome(2, false)));
    assertThatThrownBy(() -> evaluation.atFalseAcceptRate(0.1))
        .hasMessageContaining("cannot be measured with 1 pairs")
        .hasMessageContaining("at least 30 pairs");
    assertThatThrownBy(() -> evaluation.accuracy(10)).hasMessageContaining("folds must be between");
    assertThatThrownBy(() -> VerificationEvaluation.of(List.of(new Outcome(1, true))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aPhotoWithoutAFolderIsNobodys() {
    Path root = Path.of("").toAbsolutePath().getRoot();
    LfwPairs.Pair pair =
        new LfwPairs.Pair(root.resolve("a.jpg"), Path.of("Ann", "b.jpg"), false, 0);
    assertThat(pair.firstPerson()).isEmpty();
    assertThat(pair.secondPerson()).isEqualTo("Ann");
  }

  @Test
  void theFoldsOfTheFileAreUsed() {
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      // Fold 0 is parted at 1, fold 1 at 2: trained on one, the other is half wrong.
      outcomes.add(new Outcome(i < 2 ? 0.9 : 1.9, true, i / 2, "a", "a"));
      outcomes.add(new Outcome(i < 2 ? 1.1 : 2.1, false, i / 2, "a", "b"));
    }
    VerificationEvaluation evaluation = VerificationEvaluation.of(outcomes);
    assertThat(evaluation.accuracy(2).mean()).isEqualTo(0.5);
    assertThat(evaluation.accuracy(2).threshold()).isEqualTo(1.5, within(1e-9));
    assertThatThrownBy(() -> evaluation.accuracy(3)).hasMessageContaining("carry 2 folds");
  }

  @Test
  void drawingPeopleWidensIntervalsOfPairsThatShareThem() {
    List<Outcome> shared = new ArrayList<>();
    List<Outcome> alone = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      // One person in 10 is mistaken for everybody.
      double distance = i % 40 < 4 ? 0.3 : 0.8;
      shared.add(new Outcome(distance, false, -1, "p" + i % 40, "q" + i / 40));
      alone.add(new Outcome(distance, false));
    }
    shared.add(new Outcome(0.2, true, -1, "p0", "p0"));
    alone.add(new Outcome(0.2, true));
    var wide = VerificationEvaluation.of(shared).atFalseAcceptRate(0.11).falseAccept();
    var narrow = VerificationEvaluation.of(alone).atFalseAcceptRate(0.11).falseAccept();
    assertThat(wide.value()).isEqualTo(narrow.value()).isEqualTo(0.1);
    assertThat(wide.high() - wide.low()).isGreaterThan(2 * (narrow.high() - narrow.low()));
  }

  @Test
  void readsBothFormats(@TempDir Path folder) throws Exception {
    Path view1 = Files.writeString(folder.resolve("dev.txt"), "1\nAnn\t1\t2\nAnn\t1\tBob\t3\n");
    List<LfwPairs.Pair> pairs = LfwPairs.read(view1, folder);
    assertThat(pairs)
        .containsExactly(
            new LfwPairs.Pair(
                folder.resolve("Ann/Ann_0001.jpg"), folder.resolve("Ann/Ann_0002.jpg"), true, -1),
            new LfwPairs.Pair(
                folder.resolve("Ann/Ann_0001.jpg"), folder.resolve("Bob/Bob_0003.jpg"), false, -1));
    Path view2 =
        Files.writeString(
            folder.resolve("pairs.txt"),
            "2\t1\r\nA\t1\t2\r\nA\t1\tB\t1\r\nC\t1\t2\r\nC\t1\tD\t1\r\n");
    assertThat(LfwPairs.read(view2, folder))
        .extracting(LfwPairs.Pair::fold)
        .containsExactly(0, 0, 1, 1);
  }

  @Test
  void malformedFilesAreNamedWithTheirLine(@TempDir Path folder) throws Exception {
    assertRefused(folder, "", "is empty");
    assertRefused(folder, "x\n", "line 1");
    assertRefused(folder, "1\nA\t1\t2\nA\t1\n", "line 3: expected 3 or 4 cells");
    assertRefused(folder, "1\nA\t1\tzwei\n", "line 2: expected a positive number, but got: zwei");
    assertRefused(folder, "2\nA\t1\t2\n", "announces 4 pairs, but there are 1");
    assertRefused(folder, "1\nA\t1\tB\t2\nA\t1\t2\n", "line 2: the first line announces 1");
    assertRefused(folder, "1 2 3\n", "line 1: expected pairs a class");
  }

  @Test
  void pairsThatAreNotInUtf8AreNamed(@TempDir Path folder) throws Exception {
    Path file = Files.write(folder.resolve("bad.txt"), new byte[] {'1', '\n', (byte) 0xff});
    assertThatThrownBy(() -> LfwPairs.read(file, folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bad.txt")
        .hasMessageContaining("UTF-8");
  }

  private static void assertRefused(Path folder, String text, String message) throws Exception {
    Path file = Files.writeString(folder.resolve("bad.txt"), text);
    assertThatThrownBy(() -> LfwPairs.read(file, folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bad.txt")
        .hasMessageContaining(message);
  }
}
