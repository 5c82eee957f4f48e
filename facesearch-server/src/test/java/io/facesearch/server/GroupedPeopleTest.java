package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class GroupedPeopleTest {
  /** Of 32 who asked each kept a thread for the whole time, so that no search was answered. */
  @Test
  @Timeout(30)
  void nobodyWaitsForAGroupingThatTakesLong() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    GroupedPeople grouped =
        new GroupedPeople(
            () -> 1,
            () -> {
              begun.countDown();
              awaitUnchecked(end);
              return List.of();
            });
    try (grouped) {
      Duration patience = Duration.ofMillis(200);
      grouped.within(patience);
      begun.await();
      long start = System.nanoTime();
      for (int i = 0; i < 1000; i++) {
        grouped.within(patience);
      }
      // Each for itself would have waited 200 s.
      assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(15);
      assertThat(grouped.isCurrent()).isFalse();
      end.countDown();
      while (!grouped.isCurrent()) {
        grouped.within(patience);
      }
    }
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
