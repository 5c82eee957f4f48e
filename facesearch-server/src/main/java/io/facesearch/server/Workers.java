package io.facesearch.server;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Does the work, in lanes that do not wait for each other, on as many threads as there are cores,
 * whatever the number of clients: decoding takes memory by the pixel, and native code cannot be
 * stopped. Large photos have a lane with few threads, so that small ones pass them. Thread-safe.
 */
final class Workers implements AutoCloseable {
  /** Where an answer is made. */
  enum Lane {
    /** At once: it costs nothing. */
    NOW,
    /** Whether searches are answered: one at a time, while searches may hang. */
    READY,
    /** Searches by vector, lists. */
    QUERY,
    /** Photos. */
    PHOTO,
    /** Large photos. */
    LARGE
  }

  /** Says that this is for the lane of large photos. */
  static final class TooLargeForThisLane extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooLargeForThisLane() {
      super("for the lane of large photos", null, false, false);
    }
  }

  /** Photos with fewer pixels are small. */
  static final long SMALL_PIXELS = 4_000_000;

  /** Bytes of heap that a pixel takes while a photo is decoded, at most in most formats. */
  private static final int PIXEL_BYTES = 8;

  private static final int PHOTOS = 256;
  private static final int QUERIES = 256;

  private final Duration time;
  private final ThreadPoolExecutor ready;
  private final ThreadPoolExecutor query;
  private final ThreadPoolExecutor photo;
  private final ThreadPoolExecutor large;

  Workers(Limits limits) {
    time = limits.requestTime();
    int cores = Runtime.getRuntime().availableProcessors();
    ready = pool("facesearch-ready", 1, QUERIES);
    query = pool("facesearch-query", Math.max(2, cores), QUERIES);
    photo = pool("facesearch-photo", threads(cores, SMALL_PIXELS), PHOTOS);
    large = pool("facesearch-large-photo", threads(cores / 2, limits.pixels()), PHOTOS);
  }

  /** No more than a quarter of the heap has room for. */
  private static int threads(int wanted, long pixels) {
    long room = Runtime.getRuntime().maxMemory() / 4 / (PIXEL_BYTES * pixels);
    return (int) Math.max(1, Math.min(wanted, room));
  }

  private static ThreadPoolExecutor pool(String name, int threads, int waiting) {
    return new ThreadPoolExecutor(
        threads,
        threads,
        0,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(waiting),
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  /** Does it soon. */
  void submit(Lane lane, Runnable task) {
    ThreadPoolExecutor pool =
        switch (lane) {
          case NOW -> {
            task.run();
            yield null;
          }
          case READY -> ready;
          case QUERY -> query;
          case PHOTO -> photo;
          case LARGE -> large;
        };
    if (pool == null) {
      return;
    }
    try {
      pool.execute(task);
    } catch (RejectedExecutionException e) {
      throw Problem.busy("too many requests are waiting already; try again soon");
    }
  }

  int waiting() {
    return photo.getQueue().size() + large.getQueue().size();
  }

  /** Waits for running work, as the native memory beneath it is about to be freed. */
  @Override
  public void close() {
    ready.shutdownNow();
    query.shutdownNow();
    photo.shutdownNow();
    large.shutdownNow();
    try {
      for (ThreadPoolExecutor pool : new ThreadPoolExecutor[] {ready, query, photo, large}) {
        pool.awaitTermination(time.toSeconds() + 1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
