package io.facesearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.testing.ForAll;
import io.facesearch.testing.Property;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LandmarksTest {
  /** Point i at (i, 1000 + i). */
  private static float[] counting(int points) {
    float[] xy = new float[2 * points];
    for (int i = 0; i < points; i++) {
      xy[2 * i] = i;
      xy[2 * i + 1] = 1000 + i;
    }
    return xy;
  }

  @Test
  void pointsAreKept() {
    float[] xy = counting(68);
    Landmarks landmarks = Landmarks.of(xy);
    xy[0] = 99;
    assertThat(landmarks.count()).isEqualTo(68);
    assertThat(landmarks.x(0)).isEqualTo(0);
    assertThat(landmarks.x(67)).isEqualTo(67);
    assertThat(landmarks.y(67)).isEqualTo(1067);
    assertThat(landmarks).hasToString("Landmarks[68 points]");
  }

  @Test
  void fivePointsOf68() {
    Landmarks five = Landmarks.of(counting(68)).toFivePoints();
    assertThat(five.count()).isEqualTo(5);
    float[] expected = {38.5f, 44.5f, 30, 48, 54};
    for (int i = 0; i < 5; i++) {
      assertThat(five.x(i)).isEqualTo(expected[i]);
      assertThat(five.y(i)).isEqualTo(1000 + expected[i]);
    }
  }

  @Test
  void fivePointsOfFiveAndOfNone() {
    Landmarks five = Landmarks.of(counting(5));
    assertThat(five.toFivePoints()).isSameAs(five);
    assertThat(Landmarks.NONE.toFivePoints()).isSameAs(Landmarks.NONE);
    assertThat(Landmarks.of()).isSameAs(Landmarks.NONE);
    assertThat(Landmarks.NONE.count()).isZero();
  }

  @Property
  void fivePointsMoveWithTheFace(@ForAll long seed) {
    Random random = new Random(seed);
    float[] xy = new float[136];
    float[] moved = new float[136];
    for (int i = 0; i < 136; i++) {
      xy[i] = random.nextFloat() * 100;
      moved[i] = 2 * xy[i] + 64;
    }
    Landmarks five = Landmarks.of(xy).toFivePoints();
    Landmarks movedFive = Landmarks.of(moved).toFivePoints();
    for (int i = 0; i < 5; i++) {
      assertThat(movedFive.x(i)).isCloseTo(2 * five.x(i) + 64, within(1e-3f));
      assertThat(movedFive.y(i)).isCloseTo(2 * five.y(i) + 64, within(1e-3f));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 9, 11, 135, 137})
  void otherNumbersOfValuesAreRefused(int values) {
    assertThatThrownBy(() -> Landmarks.of(new float[values]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got " + values + " values");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void valuesThatAreNotFiniteAreRefused(float value) {
    float[] xy = counting(5);
    xy[7] = value;
    assertThatThrownBy(() -> Landmarks.of(xy))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("landmark value 7");
  }

  @Test
  void boundingBoxHoldsAllPoints() {
    float[] xy = {5, 7, -3, 2, 8, 1, 0, 0, 1, 9};
    assertThat(Landmarks.of(xy).boundingBox()).isEqualTo(new BoundingBox(-3, 0, 11, 9));
  }

  @Test
  void withoutAnAreaThereIsNoBoundingBox() {
    assertThatThrownBy(Landmarks.NONE::boundingBox).isInstanceOf(IllegalStateException.class);
    Landmarks line = Landmarks.of(1, 0, 1, 1, 1, 2, 1, 3, 1, 4);
    assertThatThrownBy(line::boundingBox).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void equality() {
    assertThat(Landmarks.of(counting(5))).isEqualTo(Landmarks.of(counting(5)));
    assertThat(Landmarks.of(counting(5))).hasSameHashCodeAs(Landmarks.of(counting(5)));
    assertThat(Landmarks.of(counting(5))).isNotEqualTo(Landmarks.of(counting(68)));
  }
}
