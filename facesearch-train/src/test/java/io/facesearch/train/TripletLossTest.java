package io.facesearch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.testing.ForAll;
import io.facesearch.testing.IntRange;
import io.facesearch.testing.Property;
import io.facesearch.train.TripletLoss.Mining;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TripletLossTest {
  private static final int DIMENSION = 5;

  private static int[] people(Mining mining, int n) {
    int[] people = new int[n];
    for (int i = 0; i < n; i++) {
      people[i] = mining == Mining.RANDOM ? (i % 3 == 2 ? 1 : 0) : i / 2 % 3;
    }
    return people;
  }

  private static float[] vectors(int n, Random random) {
    float[] vectors = new float[n * DIMENSION];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = (float) random.nextGaussian();
    }
    return vectors;
  }

  @Property(tries = 200)
  void gradientIsTheSlopeOfTheLoss(
      @ForAll Mining mining, @ForAll boolean squared, @ForAll long seed) {
    Random random = new Random(seed);
    int n = 12;
    int[] people = people(mining, n);
    float[] vectors = vectors(n, random);
    TripletLoss loss = new TripletLoss(1.5, squared, mining);
    Objective.Outcome outcome = loss.evaluate(people, vectors, DIMENSION);
    float h = 1e-4f;
    int smooth = 0;
    for (int i = 0; i < vectors.length; i++) {
      float[] up = vectors.clone();
      float[] down = vectors.clone();
      up[i] += h;
      down[i] -= h;
      double upper = loss.evaluate(people, up, DIMENSION).loss();
      double lower = loss.evaluate(people, down, DIMENSION).loss();
      double right = (upper - outcome.loss()) / ((double) up[i] - vectors[i]);
      double left = (outcome.loss() - lower) / ((double) vectors[i] - down[i]);
      // Else the loss has a kink within h: another triplet is mined, or one becomes active.
      if (Math.abs(right - left) < 2e-3) {
        smooth++;
        assertThat((double) outcome.gradient()[i]).isCloseTo((right + left) / 2, within(2e-3));
      }
    }
    assertThat(smooth).isGreaterThan(vectors.length / 2);
  }

  @Property(tries = 100)
  void minesWhatItsDefinitionSays(@ForAll long seed, @ForAll @IntRange(min = 6, max = 14) int n) {
    Random random = new Random(seed);
    int[] people = people(Mining.SEMI_HARD, n);
    float[] v = vectors(n, random);
    double margin = 0.7;
    double hard = 0;
    int hardCount = 0;
    double semi = 0;
    int semiCount = 0;
    double all = 0;
    int allCount = 0;
    for (int a = 0; a < n; a++) {
      double farthest = -1;
      double nearest = Double.POSITIVE_INFINITY;
      for (int i = 0; i < n; i++) {
        if (i != a && people[i] == people[a]) {
          farthest = Math.max(farthest, distance(v, a, i));
        } else if (people[i] != people[a]) {
          nearest = Math.min(nearest, distance(v, a, i));
        }
      }
      if (farthest >= 0) {
        hard += Math.max(0, farthest - nearest + margin);
        hardCount++;
      }
      for (int p = 0; p < n; p++) {
        if (p == a || people[p] != people[a]) {
          continue;
        }
        double beyond = Double.POSITIVE_INFINITY;
        double most = 0;
        for (int i = 0; i < n; i++) {
          if (people[i] != people[a]) {
            double d = distance(v, a, i);
            most = Math.max(most, d);
            beyond = d > distance(v, a, p) ? Math.min(beyond, d) : beyond;
            all += Math.max(0, distance(v, a, p) - d + margin);
            allCount++;
          }
        }
        double negative = Double.isInfinite(beyond) ? most : beyond;
        semi += Math.max(0, distance(v, a, p) - negative + margin);
        semiCount++;
      }
    }
    assertThat(
            new TripletLoss(margin, true, Mining.BATCH_HARD).evaluate(people, v, DIMENSION).loss())
        .isCloseTo(hard / hardCount, within(1e-9));
    assertThat(
            new TripletLoss(margin, true, Mining.SEMI_HARD).evaluate(people, v, DIMENSION).loss())
        .isCloseTo(semi / semiCount, within(1e-9));
    assertThat(
            new TripletLoss(margin, true, Mining.BATCH_ALL).evaluate(people, v, DIMENSION).loss())
        .isCloseTo(all / allCount, within(1e-9));
  }

  private static double distance(float[] v, int a, int b) {
    double sum = 0;
    for (int d = 0; d < DIMENSION; d++) {
      double x = (double) v[a * DIMENSION + d] - v[b * DIMENSION + d];
      sum += x * x;
    }
    return sum;
  }

  @Test
  void oneTripletByHand() {
    float[] v = {0, 0, 1, 0, 3, 0};
    int[] people = {0, 0, 1};
    Objective.Outcome squared = new TripletLoss(10, true, Mining.RANDOM).evaluate(people, v, 2);
    assertThat(squared.loss()).isEqualTo(1 - 9 + 10);
    assertThat(squared.gradient()).containsExactly(-2 + 6, 0, 2, 0, -6, 0);
    Objective.Outcome plain = new TripletLoss(2.5, false, Mining.RANDOM).evaluate(people, v, 2);
    assertThat(plain.loss()).isEqualTo(1 - 3 + 2.5);
    assertThat(plain.active()).isEqualTo(1);
    Objective.Outcome none = new TripletLoss(1, true, Mining.RANDOM).evaluate(people, v, 2);
    assertThat(none.loss()).isZero();
    assertThat(none.active()).isZero();
    assertThat(none.gradient()).containsOnly(0);
  }

  @Test
  void equalVectorsHaveAFiniteGradient() {
    Objective.Outcome outcome =
        new TripletLoss(0.2, false, Mining.SEMI_HARD)
            .evaluate(new int[] {0, 0, 1}, new float[6], 2);
    assertThat(outcome.loss()).isEqualTo(0.2);
    assertThat(outcome.gradient()).containsOnly(0);
  }

  @Test
  void refusesBatchesWithoutTripletsAndBadMargins() {
    TripletLoss loss = new TripletLoss(0.2, true, Mining.BATCH_HARD);
    assertThatThrownBy(() -> loss.evaluate(new int[] {0, 1}, new float[4], 2))
        .hasMessageContaining("no triplet");
    assertThatThrownBy(() -> new TripletLoss(0, true, Mining.RANDOM))
        .hasMessageContaining("margin");
  }
}
