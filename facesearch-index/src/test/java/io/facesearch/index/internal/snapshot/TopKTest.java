package io.facesearch.index.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.testing.ForAll;
import io.facesearch.testing.IntRange;
import io.facesearch.testing.Property;
import java.util.Random;
import java.util.stream.IntStream;

class TopKTest {

  /** Against a sort of everything offered; many distances are equal. */
  @Property(tries = 1000)
  void keepsTheNearest(
      @ForAll @IntRange(max = 300) int capacity,
      @ForAll @IntRange(max = 1500) int offered,
      @ForAll @IntRange(min = 1, max = 2000) int different,
      @ForAll long seed) {
    Random random = new Random(seed);
    TopK nearest = new TopK(0);
    for (int round = 0; round < 2; round++) {
      double[] distances = new double[offered];
      int order = random.nextInt(3);
      for (int i = 0; i < offered; i++) {
        distances[i] =
            order == 0 ? random.nextInt(different) : order == 1 ? i % different : offered - i;
      }
      nearest.reset(capacity);
      for (int i = 0; i < offered; i++) {
        if (distances[i] * distances[i] <= nearest.squaredLimit()) {
          nearest.offerSquared(distances[i] * distances[i], i);
        }
      }
      int[] expected =
          IntStream.range(0, offered)
              .boxed()
              .sorted((a, b) -> Double.compare(distances[a], distances[b])) // stable
              .limit(capacity)
              .mapToInt(i -> i)
              .toArray();
      assertThat(nearest.drainOrdinals()).isEqualTo(expected);
    }
  }

  @Property(tries = 300)
  void keepsTheNearestWithin(
      @ForAll @IntRange(max = 400) int offered,
      @ForAll @IntRange(max = 450) int capacity,
      @ForAll @IntRange(max = 50) int radius,
      @ForAll long seed) {
    Random random = new Random(seed);
    TopK nearest = new TopK(7);
    nearest.reset(capacity, radius);
    int[] distances = random.ints(offered, 0, 60).toArray();
    for (int i = 0; i < offered; i++) {
      nearest.offerSquared((double) distances[i] * distances[i], i);
    }
    assertThat(nearest.squaredLimit()).isLessThan(radius * radius + 0.1);
    assertThat(nearest.drainOrdinals())
        .isEqualTo(
            IntStream.range(0, offered)
                .filter(i -> distances[i] <= radius)
                .boxed()
                .sorted((a, b) -> Integer.compare(distances[a], distances[b]))
                .limit(capacity)
                .mapToInt(i -> i)
                .toArray());
  }
}
