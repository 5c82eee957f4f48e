package io.facesearch.internal;

import io.facesearch.FaceSearchException;
import io.facesearch.InsufficientMemoryException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Works through many things in batches on several threads and hands the results to the calling
 * thread in the order of the things. Bounded: no more than two batches a thread are under way, and
 * what comes next is asked for only then. All stages of a batch run in one thread, so that none
 * waits for another and native libraries never compete for cores.
 *
 * <p>Ends when everything is done, when the caller's {@code take} says so, or when the calling
 * thread is interrupted; then the batches under way are interrupted and waited for, so that nothing
 * of it runs any more. The first failure of a batch ends it too, and is thrown.
 */
public final class BulkPipeline {
  /** Photos of one batch: enough for a network, few enough to stop soon. */
  public static final int BATCH = 8;

  private final String name;
  private final int threads;

  /**
   * Makes a pipeline.
   *
   * @param name of its threads
   * @param threads at least 1
   */
  public BulkPipeline(String name, int threads) {
    this.name = name;
    this.threads = threads;
  }

  /**
   * Works through some things.
   *
   * @param things asked for in the calling thread, as late as possible
   * @param process makes the results of a batch; in any thread; looks whether it is interrupted
   *     between things
   * @param take takes the results of a batch; in the calling thread, in order; returns false to
   *     stop
   * @param <I> of the things
   * @param <O> of the results
   * @return false if it was stopped or interrupted before the end
   * @throws FaceSearchException if a batch fails with a checked exception
   * @throws InsufficientMemoryException if a batch does not fit into the heap
   */
  public <I, O> boolean run(
      Iterator<? extends I> things, Function<List<I>, List<O>> process, Predicate<List<O>> take) {
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    ArrayDeque<Future<List<O>>> running = new ArrayDeque<>();
    try {
      while (true) {
        while (running.size() < 2 * threads && things.hasNext()) {
          List<I> batch = new ArrayList<>(BATCH);
          while (batch.size() < BATCH && things.hasNext()) {
            batch.add(things.next());
          }
          running.add(pool.submit(() -> process.apply(batch)));
        }
        if (running.isEmpty()) {
          return true;
        }
        List<O> results = running.remove().get();
        boolean isLast = running.isEmpty() && !things.hasNext();
        if (!take.test(results) && !isLast) {
          return false;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw unwrapped(e.getCause());
    } finally {
      pool.shutdownNow();
      awaitEnd(pool);
    }
  }

  private RuntimeException unwrapped(Throwable cause) {
    if (cause instanceof RuntimeException known) {
      return known;
    }
    if (cause instanceof OutOfMemoryError) {
      return new InsufficientMemoryException(
          "there is not enough heap to work on "
              + BATCH
              + " photos in each of "
              + threads
              + " threads; raise -Xmx, or lower the number of threads",
          cause);
    }
    return new FaceSearchException("work on photos failed (" + name + ")", cause);
  }

  /** Keeps an interrupt for later. */
  private static void awaitEnd(ExecutorService pool) {
    boolean interrupted = Thread.interrupted();
    boolean ended = false;
    while (!ended) {
      try {
        ended = pool.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
