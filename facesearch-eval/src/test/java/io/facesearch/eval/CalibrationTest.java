package io.facesearch.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.Decision;
import io.facesearch.DecisionThreshold;
import io.facesearch.Embedding;
import io.facesearch.FaceQuality;
import io.facesearch.FaceQuality.Measure;
import io.facesearch.FaceQuality.Reason;
import io.facesearch.Rate;
import io.facesearch.eval.VerificationEvaluation.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CalibrationTest {
  /** People are normal in 8 dimensions, photos are normal around them. */
  private static List<LabeledFace> people(int count, int photos, long seed) {
    Random random = new Random(seed);
    List<LabeledFace> faces = new ArrayList<>();
    for (int p = 0; p < count; p++) {
      double[] center = random.doubles(8).map(x -> random.nextGaussian()).toArray();
      for (int i = 0; i < photos; i++) {
        float[] vector = new float[8];
        for (int d = 0; d < 8; d++) {
          vector[d] = (float) (center[d] + 0.25 * random.nextGaussian());
        }
        String name = seed + "/" + p;
        faces.add(new LabeledFace(name + "/" + i, name, 0, Embedding.of("m", vector)));
      }
    }
    return faces;
  }

  @Test
  void intervalsHoldWhatOtherPeopleShow() {
    int held = 0;
    int tries = 40;
    for (int t = 0; t < tries; t++) {
      Calibration known = Calibration.ofFaces(people(80, 3, t), "known", t);
      Calibration other = Calibration.ofFaces(people(80, 3, 1000 + t), "other", t);
      DecisionThreshold threshold = known.atFalseAcceptRate(0.01);
      assertThat(threshold.falseAccept().orElseThrow().value()).isLessThanOrEqualTo(0.01);
      held +=
          known
                  .predictedFalseAccept(threshold.distance())
                  .holds(other.falseAccept(threshold.distance()).value())
              ? 1
              : 0;
    }
    // 95 % are 38; below 33 is a chance of 1 in 2,000 if they hold.
    assertThat(held).isGreaterThanOrEqualTo(33);
  }

  @Test
  void galleriesNeedSmallerDistancesThanPairs() {
    Calibration known = Calibration.ofFaces(people(400, 2, 1), "known", 1);
    Calibration other = Calibration.ofFaces(people(400, 2, 2), "other", 2);
    DecisionThreshold pair = known.atFalseAcceptRate(0.05);
    DecisionThreshold ten = known.atFalsePositiveIdentificationRate(0.05, 10);
    DecisionThreshold hundred = known.atFalsePositiveIdentificationRate(0.05, 100);
    assertThat(ten.distance()).isLessThan(pair.distance());
    assertThat(hundred.distance()).isLessThan(ten.distance());
    assertThat(hundred.gallerySize()).isEqualTo(100);
    Rate observed = other.falsePositiveIdentification(hundred.distance(), 100);
    assertThat(hundred.falseAccept().orElseThrow().holds(observed.value())).isTrue();
    // Among strangers that are drawn independently, FPIR = 1 - (1 - FAR)^n.
    double expected = 1 - Math.pow(1 - known.falseAccept(ten.distance()).value(), 10);
    assertThat(known.falsePositiveIdentification(ten.distance(), 10).value())
        .isEqualTo(expected, within(0.02));
  }

  /** As a network that was hardly trained gives them. */
  @Test
  void aModelThatGivesAllTheSameVectorHasNoThreshold() {
    List<LabeledFace> same =
        people(50, 2, 1).stream()
            .map(
                face ->
                    new LabeledFace(
                        face.source(), face.identity(), face.attributes(), Embedding.of("m", 1, 0)))
            .toList();
    assertThatThrownBy(() -> Calibration.ofFaces(same, "same", 1).atFalseAcceptRate(0.01))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("same: no threshold keeps the rate 0.01");
  }

  @Test
  void whatCannotBeMeasuredIsRefused() {
    Calibration few = Calibration.ofFaces(people(20, 2, 1), "few", 1);
    assertThatThrownBy(() -> few.atFalseAcceptRate(1e-4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be measured with 760 pairs of two people")
        .hasMessageContaining("at least 30000 pairs");
    assertThatThrownBy(() -> few.atFalsePositiveIdentificationRate(0.1, 20))
        .hasMessageContaining("gallerySize must be between 1 and 19");
    assertThatThrownBy(() -> few.atFalsePositiveIdentificationRate(0.1, 10))
        .hasMessageContaining("with 10 people beyond the gallery");
    assertThatThrownBy(() -> few.atFalseAcceptRate(0)).hasMessageContaining("between 0 and 1");
    assertThatThrownBy(() -> Calibration.ofFaces(people(1, 4, 1), "one", 1))
        .hasMessageContaining("one: calibration needs pairs");
  }

  @Test
  void pairsGiveAllThreeDecisions() {
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      outcomes.add(new Outcome(0.3 + i * 0.0005, true));
      outcomes.add(new Outcome(0.6 + i * 0.0005, false));
    }
    DecisionThreshold threshold = Calibration.ofPairs(outcomes, "pairs").atFalseAcceptRate(0.01);
    assertThat(threshold.distance()).isEqualTo(0.605, within(1e-9));
    assertThat(threshold.differentBeyond()).isEqualTo(0.3 + 989 * 0.0005, within(1e-9));
    assertThat(threshold.decide(0.5)).isEqualTo(Decision.SAME);
    assertThat(threshold.decide(0.7)).isEqualTo(Decision.UNSURE);
    assertThat(threshold.decide(0.9)).isEqualTo(Decision.DIFFERENT);
    assertThat(threshold.falseReject().orElseThrow().value()).isEqualTo(0.01, within(1e-9));
    assertThatThrownBy(
            () -> Calibration.ofPairs(outcomes, "pairs").atFalsePositiveIdentificationRate(0.1, 10))
        .hasMessageContaining("more people");
  }

  @Test
  void rejectingTheWorstQualityLowersTheErrorItCauses() {
    List<ErrorVersusReject.QualityPair> pairs = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      FaceQuality poor = new FaceQuality(List.of(new Measure(Reason.BLURRED, i + 1, 15)));
      FaceQuality fine = new FaceQuality(List.of(new Measure(Reason.BLURRED, 500, 15)));
      pairs.add(new ErrorVersusReject.QualityPair(i < 20 ? 0.9 : 0.3, fine, poor));
    }
    assertThat(ErrorVersusReject.curve(pairs, 0.6, null, List.of(0.0, 0.1, 0.2, 0.5)))
        .extracting(ErrorVersusReject.Point::falseRejectRate)
        .containsExactly(0.2, 10.0 / 90, 0.0, 0.0);
    assertThat(ErrorVersusReject.curve(pairs, 0.6, Reason.YAW, List.of(0.5)))
        .extracting(ErrorVersusReject.Point::falseRejectRate)
        .containsExactly(0.0);
  }
}
