package io.facesearch.examples.server;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Does the work on photos, on as many threads as there are cores, whatever the number of clients:
 * decoding takes memory by the pixel, and native code cannot be stopped. Thread-safe.
 */
final class Workers implements AutoCloseable {
  private static final int QUEUE = 256;

  private final Duration time;
  private final ThreadPoolExecutor pool;

  Workers(int threads, Duration time) {
    this.time = time;
    pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE),
            task -> {
              Thread thread = new Thread(task, "facesearch-photo");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Waits for the result, no longer than the request time. */
  <T> T run(Callable<T> task) {
    Future<T> future;
    try {
      future = pool.submit(task);
    } catch (RejectedExecutionException e) {
      throw Problem.busy(QUEUE + " photos are waiting already; try again soon");
    }
    try {
      return future.get(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      future.cancel(true);
      throw new Problem(
          503, "timeout", "the photo was not done within " + time.toSeconds() + " s; try again");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.busy("the server is stopping");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof OutOfMemoryError) {
        throw Problem.busy("not enough heap for this photo now; try a smaller one");
      }
      throw new IllegalStateException("work on a photo failed", e.getCause());
    }
  }

  int waiting() {
    return pool.getQueue().size();
  }

  /** Waits for running work, as the native memory beneath it is about to be freed. */
  @Override
  public void close() {
    pool.shutdownNow();
    try {
      pool.awaitTermination(time.toSeconds() + 1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
