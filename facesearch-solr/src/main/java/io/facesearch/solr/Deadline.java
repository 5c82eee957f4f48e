package io.facesearch.solr;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/** Until when a request is repeated. */
final class Deadline {
  private static final long PAUSE_MILLIS = 250;

  private final long end;

  Deadline(Duration patience) {
    end = System.nanoTime() + patience.toNanos();
  }

  /** Waits a little, or throws if the time is over. */
  void pauseOr(Supplier<? extends RuntimeException> failure) {
    if (System.nanoTime() - end > 0) {
      throw failure.get();
    }
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for Solr");
    }
  }
}
