package io.facesearch.server;

import io.facesearch.server.Workers.Lane;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Whether all galleries answer a search. Anybody may ask, so one search at a time is made, at most
 * one a second; and load balancers do not wait long, so that a search that takes longer counts as
 * failed until it ends. Thread-safe.
 */
final class Readiness {
  private static final long OFTEN_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final Duration PATIENCE = Duration.ofMillis(1500);

  private final List<GalleryApi> galleries;
  private final Workers workers;

  /** The search that is made, or was made last; null if none was. */
  private @Nullable CompletableFuture<Void> search;

  private long begun;

  Readiness(List<GalleryApi> galleries, Workers workers) {
    this.galleries = galleries;
    this.workers = workers;
  }

  /** Fails, with what the gallery fails with, or a problem, unless all answer. */
  void require() throws Exception {
    CompletableFuture<Void> now = current();
    long left = PATIENCE.toNanos() - (System.nanoTime() - begun());
    try {
      now.get(Math.max(0, left), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw Problem.busy(
          "a gallery did not answer a search within "
              + PATIENCE.toMillis() / 1e3
              + " s; its storage hangs or is down, or too much is asked of it");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  private synchronized long begun() {
    return begun;
  }

  private synchronized CompletableFuture<Void> current() {
    CompletableFuture<Void> last = search;
    if (last != null && (!last.isDone() || System.nanoTime() - begun < OFTEN_NANOS)) {
      return last;
    }
    CompletableFuture<Void> next = new CompletableFuture<>();
    workers.submit(
        Lane.QUERY,
        () -> {
          try {
            galleries.forEach(GalleryApi::search);
            next.complete(null);
          } catch (RuntimeException | Error e) {
            next.completeExceptionally(e);
          }
        });
    search = next;
    begun = System.nanoTime();
    return next;
  }
}
