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

class EmbeddingTest {
  static float[] vectors(Random random) {
    float[] vector = new float[16];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = random.nextInt(8) == 0 ? random.nextInt(21) - 10 : 20 * random.nextFloat() - 10;
    }
    return vector;
  }

  @Test
  void valuesAreCopiedInAndOut() {
    float[] values = {1, 2, 3};
    Embedding embedding = Embedding.of("m", values);
    values[0] = 99;
    assertThat(embedding.toArray()).containsExactly(1, 2, 3);
    embedding.toArray()[1] = 99;
    assertThat(embedding.get(1)).isEqualTo(2);
    float[] target = new float[5];
    embedding.copyTo(target, 1);
    assertThat(target).containsExactly(0, 1, 2, 3, 0);
    assertThat(embedding.dimension()).isEqualTo(3);
    assertThat(embedding.model()).isEqualTo("m");
  }

  @Test
  void distanceIsEuclidean() {
    assertThat(Embedding.of("m", 0, 0).distanceTo(Embedding.of("m", 3, 4))).isEqualTo(5);
  }

  @Test
  void distanceOfHugeValuesDoesNotOverflow() {
    Embedding a = Embedding.of("m", Float.MAX_VALUE, 0);
    Embedding b = Embedding.of("m", -Float.MAX_VALUE, 0);
    assertThat(a.distanceTo(b)).isCloseTo(2.0 * Float.MAX_VALUE, within(1e25));
  }

  @Property
  void distanceIsAMetric(
      @ForAll("vectors") float[] x, @ForAll("vectors") float[] y, @ForAll("vectors") float[] z) {
    Embedding a = Embedding.of("m", x);
    Embedding b = Embedding.of("m", y);
    Embedding c = Embedding.of("m", z);
    assertThat(a.distanceTo(a)).isZero();
    assertThat(a.distanceTo(b)).isEqualTo(b.distanceTo(a)).isGreaterThanOrEqualTo(0);
    assertThat(a.distanceTo(c)).isLessThanOrEqualTo(a.distanceTo(b) + b.distanceTo(c) + 1e-9);
  }

  @Test
  void otherModelsAreNotCompared() {
    Embedding a = Embedding.of("one", 1, 2);
    assertThatThrownBy(() -> a.distanceTo(Embedding.of("two", 1, 2)))
        .isInstanceOf(ModelMismatchException.class)
        .hasMessageContaining("one")
        .hasMessageContaining("two");
    assertThatThrownBy(() -> a.distanceTo(Embedding.of("one", 1, 2, 3)))
        .isInstanceOf(ModelMismatchException.class)
        .hasMessageContaining("3 dimensions");
    a.checkSameModel("one", 2);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void valuesThatAreNotFiniteAreRefused(float value) {
    assertThatThrownBy(() -> Embedding.of("m", 1, value, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("value 1 of 3 is " + value);
  }

  @Test
  void emptyVectorAndNoModelAreRefused() {
    assertThatThrownBy(() -> Embedding.of("m")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Embedding.of(null, 1)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void equality() {
    assertThat(Embedding.of("m", 1, 2)).isEqualTo(Embedding.of("m", 1, 2));
    assertThat(Embedding.of("m", 1, 2)).hasSameHashCodeAs(Embedding.of("m", 1, 2));
    assertThat(Embedding.of("m", 1, 2)).isNotEqualTo(Embedding.of("n", 1, 2));
    assertThat(Embedding.of("m", 1, 2)).isNotEqualTo(Embedding.of("m", 1, 3));
    // The vector is no secret, but no message shall be flooded with it.
    assertThat(Embedding.of("m", 1, 2)).hasToString("Embedding[2 dimensions, model m]");
  }
}
