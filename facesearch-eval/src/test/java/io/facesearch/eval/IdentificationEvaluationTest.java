package io.facesearch.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.DecisionThreshold;
import io.facesearch.Embedding;
import io.facesearch.FaceSearchException;
import io.facesearch.StrangerRates;
import io.facesearch.eval.IdentificationEvaluation.Outcome;
import io.facesearch.eval.IdentificationEvaluation.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Identification on people of whom all is known: directions with noise. */
class IdentificationEvaluationTest {
  private static final String MODEL = "0".repeat(64);
  private static final DecisionThreshold PAIRS = new DecisionThreshold(1, 1e-3, "drawn");

  private static List<LabeledFace> draw(
      String name, int people, int photos, double noise, long seed) {
    Random random = new Random(seed);
    List<LabeledFace> faces = new ArrayList<>();
    for (int p = 0; p < people; p++) {
      double[] person = random.doubles(24, -1, 1).toArray();
      for (int i = 0; i < photos; i++) {
        float[] vector = new float[person.length];
        for (int d = 0; d < vector.length; d++) {
          // Norms other than one do not matter.
          vector[d] = (float) (3 * (person[d] + noise * random.nextGaussian()));
        }
        faces.add(new LabeledFace(name + p + "/" + i, name + p, 0, Embedding.of(MODEL, vector)));
      }
    }
    return faces;
  }

  @Test
  void ratesAreTheSharesOfComparisonsThatAreSoNear() {
    List<LabeledFace> faces = draw("p", 80, 1, 0, 1);
    StrangerRates rates = StrangerCalibration.of(faces, 1).orElseThrow();
    assertThat(rates.curves()).hasSize(1);
    StrangerRates.Curve curve = rates.curves().get(0);
    assertThat(curve.photos()).isEqualTo(1);
    List<float[][]> people = UnitVectors.byPerson(faces);
    for (StrangerRates.Point point : curve.points()) {
      int near = 0;
      for (int a = 0; a < people.size(); a++) {
        for (int b = 0; b < people.size(); b++) {
          if (a != b
              && UnitVectors.distance(people.get(a)[0], people.get(b)[0]) <= point.distance()) {
            near++;
          }
        }
      }
      assertThat(point.rate()).isEqualTo(near / (80.0 * 79), within(3 / (80.0 * 79)));
    }
    // 6,320 comparisons tell no rate that fewer than 30 reach.
    assertThat(curve.points().get(0).rate()).isBetween(0.0047, 0.02);
  }

  @Test
  void morePhotosMakeACurveOfTheirOwn() {
    StrangerRates rates = StrangerCalibration.of(draw("p", 60, 4, 0.3, 2), 2).orElseThrow();
    assertThat(rates.curves()).extracting(StrangerRates.Curve::photos).containsExactly(1, 2, 4);
    assertThat(StrangerCalibration.of(draw("p", 19, 4, 0.3, 2), 2)).isEmpty();
  }

  /** What some people predict holds on others, for galleries of several sizes. */
  @Test
  void theWantedRateIsObservedOnOtherPeople() {
    StrangerRates rates = StrangerCalibration.of(draw("p", 600, 4, 0.35, 3), 3).orElseThrow();
    IdentificationEvaluation others =
        IdentificationEvaluation.of(draw("q", 600, 4, 0.35, 4), draw("r", 3000, 1, 0.35, 5), 6);
    for (int size : new int[] {20, 100, 300}) {
      for (int photos : new int[] {1, 2, 3}) {
        Outcome outcome = others.run(size, photos, Score.MEAN, PAIRS.withStrangers(rates), 0.05, 2);
        assertThat(outcome.falsePositive().value())
            .as(size + " people, " + photos + " photos")
            .isBetween(0.025, 0.08);
        assertThat(outcome.strangers()).isEqualTo(3000);
        assertThat(outcome.truePositive().value() + outcome.wrong() + outcome.unsure())
            .isLessThanOrEqualTo(1);
        assertThat(outcome.truePositive().value()).isLessThanOrEqualTo(outcome.rightFirst());
      }
    }
    Outcome one = others.run(100, 1, Score.MEAN, PAIRS.withStrangers(rates), 0.05, 1);
    Outcome nearest = others.run(100, 1, Score.NEAREST, PAIRS.withStrangers(rates), 0.05, 1);
    assertThat(nearest).as("one photo is its own mean").usingRecursiveComparison().isEqualTo(one);
  }

  @Test
  void strangersAreTheOtherPeopleWhereNoneAreGiven() {
    List<LabeledFace> faces = draw("p", 100, 3, 0.01, 7);
    StrangerRates rates = StrangerCalibration.of(faces, 7).orElseThrow();
    IdentificationEvaluation evaluation = IdentificationEvaluation.of(faces, 7);
    Outcome outcome = evaluation.run(40, 2, Score.MEAN, PAIRS.withStrangers(rates), 0.01, 1);
    assertThat(outcome.strangers()).isEqualTo(180);
    assertThat(outcome.truePositive().value()).isEqualTo(1);
    assertThat(outcome.rightFirst()).isEqualTo(1);
    assertThat(outcome.wrong()).isZero();
    assertThatThrownBy(() -> evaluation.run(100, 2, Score.MEAN, PAIRS, 0.01, 1))
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("needs more people");
    assertThatThrownBy(() -> evaluation.run(40, 3, Score.MEAN, PAIRS, 0.01, 1))
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("of 100, 0 have so many photos");
  }
}
