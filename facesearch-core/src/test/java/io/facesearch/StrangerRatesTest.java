package io.facesearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.StrangerRates.Curve;
import io.facesearch.StrangerRates.Point;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StrangerRatesTest {
  static final StrangerRates RATES =
      new StrangerRates(
          List.of(
              new Curve(4, List.of(new Point(0.9, 1e-4), new Point(1, 1e-3), new Point(1.1, 1e-2))),
              new Curve(1, List.of(new Point(1, 1e-4), new Point(1.1, 1e-3), new Point(1.2, 0.01))),
              new Curve(2, List.of(new Point(0.95, 1e-4), new Point(1.15, 0.01)))));

  private static final DecisionThreshold PAIRS = new DecisionThreshold(1.1, 1e-3, "these");

  @Test
  void ratesArePointsOfTheCurvesAndLogarithmicBetween() {
    assertThat(RATES.falseMatchRate(1, 1.1)).isEqualTo(1e-3, within(1e-12));
    assertThat(RATES.falseMatchRate(2, 0.95)).isEqualTo(1e-4, within(1e-12));
    assertThat(RATES.falseMatchRate(4, 1)).isEqualTo(1e-3, within(1e-12));
    double middle = Math.sqrt((1 + 1.21) / 2);
    assertThat(RATES.falseMatchRate(1, middle)).isEqualTo(Math.sqrt(1e-7), within(1e-9));
    assertThat(RATES.falseMatchRate(1, 2)).isEqualTo(1);
    assertThat(RATES.falseMatchRate(1, 0)).isPositive().isLessThan(1e-8);
  }

  @Test
  void morePhotosOfAPersonAndFartherAwayMeansMoreStrangers() {
    double before = 0;
    for (int photos : new int[] {1, 2, 3, 4, 8, 100, 100_000}) {
      double rate = RATES.falseMatchRate(photos, 0.97);
      assertThat(rate).isGreaterThan(before);
      before = rate;
    }
    // The inverse of the number goes to 0, so there is a limit.
    assertThat(RATES.falseMatchRate(1000, 0.97))
        .isEqualTo(RATES.falseMatchRate(100_000, 0.97), within(1e-5));
    before = 0;
    for (double distance = 0.5; distance < 1.3; distance += 0.01) {
      double rate = RATES.falseMatchRate(3, distance);
      assertThat(rate).isGreaterThan(before);
      before = rate;
    }
  }

  @Test
  void theDistanceKeepsTheRateAndFallsAsPeopleAreAdded() {
    double before = 2;
    for (int people = 1; people <= 1_000_000; people *= 10) {
      GalleryComposition gallery =
          new GalleryComposition(people, new TreeMap<>(Map.of(1, people, 3, people)));
      double distance = RATES.distanceAt(gallery, 0.01);
      assertThat(distance).isLessThan(before);
      assertThat(RATES.falsePositiveIdentificationRate(gallery, distance))
          .isEqualTo(0.01, within(1e-9));
      before = distance;
    }
    assertThat(RATES.distanceAt(GalleryComposition.of(0, 1), 0.01)).isEqualTo(2);
    assertThat(RATES.falsePositiveIdentificationRate(GalleryComposition.of(100, 1), 1.1))
        .isEqualTo(1 - Math.exp(-0.1), within(1e-12));
  }

  @Test
  void theThresholdOfTwoPhotosIsReplacedInAGallery() {
    GalleryComposition gallery = GalleryComposition.of(100, 2);
    DecisionThreshold of = PAIRS.withStrangers(RATES).forGallery(gallery, 0.01);
    assertThat(of.distance()).isEqualTo(RATES.distanceAt(gallery, 0.01));
    assertThat(of.differentBeyond()).isEqualTo(RATES.distanceAt(gallery, 0.04));
    assertThat(of.gallerySize()).isEqualTo(100);
    assertThat(of.falseAcceptRate()).isEqualTo(0.01);
  }

  @Test
  void withoutRatesOfStrangersNobodyGetsANameInALargeGallery() {
    DecisionThreshold few = PAIRS.forGallery(GalleryComposition.of(10, 1), 0.01);
    assertThat(few.distance()).isEqualTo(1.1);
    DecisionThreshold many = PAIRS.forGallery(GalleryComposition.of(11, 1), 0.01);
    assertThat(many.decide(0.01)).isEqualTo(Decision.UNSURE);
    assertThat(many.decide(1.2)).isEqualTo(Decision.DIFFERENT);
    // Not calibrated at all.
    DecisionThreshold unknown =
        new DecisionThreshold(1, 1, "nothing").forGallery(GalleryComposition.of(1, 1), 0.01);
    assertThat(unknown.decide(0.01)).isEqualTo(Decision.UNSURE);
    assertThat(unknown.decide(0)).isEqualTo(Decision.SAME);
    assertThat(unknown.falseAcceptRate()).isEqualTo(1);
  }

  @Test
  void aThresholdOfAGalleryStaysAsItWasCalibrated() {
    DecisionThreshold own = new DecisionThreshold(0.9, 1, 500, 0.02, null, null, "mine");
    assertThat(own.forGallery(GalleryComposition.of(10_000, 1), 0.01)).isSameAs(own);
  }

  @Test
  void wrongValuesAreRefused() {
    assertThatThrownBy(() -> new Point(0, 0.1)).hasMessageContaining("distance");
    assertThatThrownBy(() -> new Point(1, 0)).hasMessageContaining("rate");
    assertThatThrownBy(() -> new Curve(0, List.of())).hasMessageContaining("photos");
    assertThatThrownBy(() -> new Curve(1, List.of(new Point(1, 0.1))))
        .hasMessageContaining("2 points");
    assertThatThrownBy(() -> new Curve(1, List.of(new Point(1, 0.1), new Point(1.1, 0.1))))
        .hasMessageContaining("grow");
    assertThatThrownBy(() -> new StrangerRates(List.of())).hasMessageContaining("empty");
    Curve curve = RATES.curves().get(0);
    assertThatThrownBy(() -> new StrangerRates(List.of(curve, curve))).hasMessageContaining("two");
    assertThatThrownBy(() -> RATES.distanceAt(GalleryComposition.of(1, 1), 1))
        .hasMessageContaining("rate");
    assertThatThrownBy(() -> GalleryComposition.of(1, 0)).hasMessageContaining("photos");
    assertThatThrownBy(() -> RATES.falseMatchRate(1, Double.NaN)).hasMessageContaining("NaN");
  }

  @Test
  void theEndsOfTheRangesBelongToThem() {
    assertThat(new Point(2, 1).distance()).isEqualTo(2);
    assertThatThrownBy(() -> new Point(Math.nextUp(2.0), 0.1)).hasMessageContaining("distance");
    assertThatThrownBy(() -> new Point(1, Math.nextUp(1.0))).hasMessageContaining("rate");
    assertThatThrownBy(() -> new Curve(1, List.of(new Point(1, 0.1), new Point(1, 0.2))))
        .hasMessageContaining("grow");
    assertThatThrownBy(() -> RATES.falseMatchRate(0, 1)).hasMessageContaining("photos");
    assertThatThrownBy(() -> RATES.falseMatchRate(1, -1e-9)).hasMessageContaining("distance");
    assertThatThrownBy(() -> RATES.distanceAt(GalleryComposition.of(1, 1), 0))
        .hasMessageContaining("rate");
  }

  @Test
  void aTableOfTwoRowsIsACurve() {
    Curve curve = Curve.of(3, new double[] {0.01, 0.1}, 1, 1.2);
    assertThat(curve).isEqualTo(new Curve(3, List.of(new Point(1, 0.01), new Point(1.2, 0.1))));
    assertThatThrownBy(() -> Curve.of(3, new double[] {0.01, 0.1}, 1))
        .hasMessageContaining("there are 1 for 2");
    // Alone it holds for all numbers of photos.
    StrangerRates alone = new StrangerRates(List.of(curve));
    assertThat(alone.falseMatchRate(1, 1)).isEqualTo(0.01, within(1e-12));
    assertThat(alone.falseMatchRate(9, 1.2)).isEqualTo(0.1, within(1e-12));
  }

  @Test
  void whereNothingIsTooFarEveryDistanceIsGiven() {
    StrangerRates rare = new StrangerRates(List.of(Curve.of(1, new double[] {1e-6, 1e-3}, 1, 2)));
    GalleryComposition one = GalleryComposition.of(1, 1);
    assertThat(rare.distanceAt(one, 0.5)).isEqualTo(2);
    assertThat(rare.distanceAt(one, 1e-4)).isBetween(1.0, 2.0);
  }
}
