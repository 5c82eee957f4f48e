package io.facesearch.index.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.index.internal.quantize.Kernel;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.IntRange;
import io.facesearch.testing.Property;
import java.util.Comparator;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

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

  /** As threads do that share a search: what two found is what one would have found. */
  @Property(tries = 500)
  void takesOverWhatAnotherFound(
      @ForAll @IntRange(max = 120) int capacity,
      @ForAll @IntRange(max = 400) int offered,
      @ForAll @IntRange(min = 1, max = 500) int different,
      @ForAll @IntRange(max = 500) int radius,
      @ForAll long seed) {
    Random random = new Random(seed);
    int[] distances = random.ints(offered, 0, different).toArray();
    TopK all = new TopK(0);
    TopK first = new TopK(0);
    TopK second = new TopK(3);
    all.reset(capacity, radius);
    first.reset(capacity, radius);
    first.accept(null);
    second.resetAs(first);
    for (int i = 0; i < offered; i++) {
      double squared = (double) distances[i] * distances[i];
      all.offerSquared(squared, i);
      (random.nextBoolean() ? first : second).offerSquared(squared, i);
    }
    first.countComputed(5);
    first.takeOver(second);
    assertThat(first.computed()).isEqualTo(offered + 5);
    assertThat(second.computed()).isZero();
    assertThat(second.size()).isZero();
    assertThat(second.drainOrdinals()).isEmpty();
    assertThat(first.drainOrdinals()).isEqualTo(all.drainOrdinals());
  }

  /** Both forms of a scan keep the same, and compare nothing that is not accepted. */
  @Test
  void scansOnlyWhatIsAccepted() {
    Random random = new Random(2);
    int dimension = 8;
    int count = 200;
    double[] query = random.doubles(dimension).toArray();
    float[] rows = new float[count * dimension];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = random.nextFloat();
    }
    int[] ordinals = IntStream.range(0, count).map(i -> count - i).toArray();
    for (int capacity : new int[] {3, 100}) {
      TopK nearest = new TopK(capacity);
      nearest.accept(even());
      nearest.scan(query, rows, 10, count - 10, ordinals);
      assertThat(nearest.computed()).isEqualTo(count / 2 - 5);
      assertThat(nearest.drainOrdinals())
          .isEqualTo(
              sorted(query, rows, capacity, i -> i >= 10 && (count - i) % 2 == 0, i -> count - i));
      assertThat(nearest.accepts(1)).isTrue(); // all again
      nearest.reset(capacity);
      nearest.accept(even());
      nearest.scan(query, rows, count - 1, 7);
      assertThat(nearest.computed()).isEqualTo((count - 1) / 2);
      assertThat(nearest.drainOrdinals())
          .isEqualTo(sorted(query, rows, capacity, i -> i < count - 1 && i % 2 == 1, i -> i + 7));
    }
  }

  /** The even ordinals; without a filter no faces are asked for. */
  private static Accepted even() {
    Tombstones odd =
        Tombstones.NONE.with(IntStream.range(0, 300).filter(i -> i % 2 == 1).toArray());
    return Accepted.of(odd, null, null);
  }

  private static int[] sorted(
      double[] query, float[] rows, int capacity, IntPredicate kept, IntUnaryOperator ordinal) {
    return IntStream.range(0, rows.length / query.length)
        .filter(kept)
        .boxed()
        .sorted(
            Comparator.comparingDouble(
                i ->
                    Kernel.squaredDistance(
                        query, rows, i * query.length, Double.POSITIVE_INFINITY)))
        .limit(capacity)
        .mapToInt(ordinal::applyAsInt)
        .toArray();
  }

  /** Once as many are found as are wanted, what is farther is not looked at. */
  @Test
  void theLimitIsThatOfTheFarthestThatIsKept() {
    for (int capacity : new int[] {1, 10, 48, 49, 200}) {
      TopK nearest = new TopK(capacity);
      for (int i = 0; i < capacity; i++) {
        assertThat(nearest.squaredLimit()).isInfinite();
        nearest.offerSquared(4, i);
        assertThat(nearest.size()).isEqualTo(i + 1);
      }
      assertThat(nearest.squaredLimit()).isBetween(4.0, 4 + 1e-9);
      nearest.lowerLimit(5);
      assertThat(nearest.squaredLimit()).isBetween(4.0, 4 + 1e-9);
      nearest.lowerLimit(1);
      assertThat(nearest.squaredLimit()).isEqualTo(1);
      nearest.offerSquared(2, capacity);
      assertThat(nearest.drainOrdinals()).isEqualTo(IntStream.range(0, capacity).toArray());
      assertThat(nearest.size()).isZero();
    }
    assertThat(new TopK(0).squaredLimit()).isNegative();
  }
}
