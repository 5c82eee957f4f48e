package io.facesearch.index.internal.tree;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How many threads work on one query, and who runs those beside the caller's. Immutable.
 *
 * @param count with the caller's
 * @param executor null for one thread
 * @param least trees of fewer faces are searched by one thread
 */
public record SearchThreads(int count, @Nullable Executor executor, int least) {
  static final int MOST = 256;

  /** Fewer are found by one thread before another wakes up. */
  static final int LEAST = 65_536;

  static final SearchThreads ONE = new SearchThreads(1, null, LEAST);

  private static final long SECONDS_IDLE = 10;

  /** Loaded when the first index wants them. */
  private static final class Holder {
    /** Nothing is queued: where no thread is free, the caller works alone. */
    static final ThreadPoolExecutor SHARED =
        new ThreadPoolExecutor(
            0,
            Math.max(1, Runtime.getRuntime().availableProcessors() - 1),
            SECONDS_IDLE,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread = new Thread(null, task, "facesearch-search", 0, false);
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Of the threads that all indexes of the process share, if there is no executor. */
  static SearchThreads of(int count, @Nullable Executor executor, int least) {
    return count == 1
        ? ONE
        : new SearchThreads(count, executor == null ? Holder.SHARED : executor, least);
  }
}
