package io.facesearch.internal;

import io.facesearch.FaceSearchException;
import io.facesearch.InsufficientMemoryException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Works through many things in batches on several threads and hands the results to the calling
 * thread in the order of the things. Bounded: no more than two batches a thread are under way, and
 * what comes next is asked for only then, in a thread of its own, so that a source that pauses
 * holds nothing up. All stages of a batch run in one thread, so that none waits for another and
 * native libraries never compete for cores.
 *
 * <p>Ends when everything is done, when the caller says so, or when the calling thread is
 * interrupted; then the source and the batches under way are interrupted, and the batches waited
 * for (half a minute at most), so that nothing of it runs any more. The first failure of the source
 * or of a batch ends it too, and is thrown.
 */
public final class BulkPipeline {
  /** Photos of one batch: enough for a network, few enough to stop soon. */
  public static final int BATCH = 8;

  private static final long WAIT_MILLIS = 100;
  private static final long MOST_SECONDS_TO_END = 30;
  private static final Object END = new Object();

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

  /** What a source threw. */
  private record Failure(Throwable cause) {}

  /**
   * Works through some things.
   *
   * @param things asked for in one thread, as late as possible
   * @param process makes the results of a batch; in any thread; looks whether it is interrupted
   *     between things
   * @param take takes the results of a batch; in the calling thread, in order; returns false to
   *     stop
   * @param idle called in the calling thread ten times a second while there is nothing to take;
   *     returns false to stop
   * @param <I> of the things
   * @param <O> of the results
   * @return false if it was stopped or interrupted before the end
   * @throws FaceSearchException if a batch fails with a checked exception
   * @throws InsufficientMemoryException if a batch does not fit into the heap
   */
  public <I, O> boolean run(
      Iterator<? extends I> things,
      Function<List<I>, List<O>> process,
      Predicate<List<O>> take,
      BooleanSupplier idle) {
    BlockingQueue<Object> queue = new SynchronousQueue<>();
    Thread source = thread(() -> feed(things, queue));
    source.start();
    try {
      return run((batch, mayWait) -> fill(batch, queue, mayWait), process, take, idle);
    } finally {
      source.interrupt();
    }
  }

  /** Gives what comes next. */
  @FunctionalInterface
  private interface Feed<I> {
    /** Fills a batch; returns true if nothing comes after it. */
    boolean fill(List<I> batch, boolean mayWait) throws InterruptedException;
  }

  private <I, O> boolean run(
      Feed<I> feed,
      Function<List<I>, List<O>> process,
      Predicate<List<O>> take,
      BooleanSupplier idle) {
    ExecutorService pool = Executors.newFixedThreadPool(threads, this::thread);
    ArrayDeque<Future<List<O>>> running = new ArrayDeque<>();
    boolean ended = false;
    try {
      while (true) {
        while (!ended && running.size() < 2 * threads) {
          List<I> batch = new ArrayList<>(BATCH);
          ended = feed.fill(batch, running.isEmpty());
          if (batch.isEmpty()) {
            break;
          }
          running.add(pool.submit(() -> process.apply(batch)));
        }
        if (running.isEmpty()) {
          if (ended) {
            return true;
          }
          if (!idle.getAsBoolean()) {
            return false;
          }
          continue;
        }
        List<O> results;
        try {
          results = running.peek().get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          if (!idle.getAsBoolean()) {
            return false;
          }
          continue;
        }
        running.remove();
        boolean isLast = running.isEmpty() && ended;
        if (!take.test(results) && !isLast) {
          return false;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw unwrapped(Objects.requireNonNullElse(e.getCause(), e));
    } finally {
      pool.shutdownNow();
      awaitEnd(pool);
    }
  }

  /**
   * The same for things that are there: they are asked for in the calling thread, so that all
   * batches but the last are full.
   *
   * @param things never waits
   * @param process makes the results of a batch
   * @param take takes the results of a batch; returns false to stop
   * @param <I> of the things
   * @param <O> of the results
   * @return false if it was stopped or interrupted before the end
   */
  public <I, O> boolean run(
      Iterator<? extends I> things, Function<List<I>, List<O>> process, Predicate<List<O>> take) {
    Feed<I> feed =
        (batch, mayWait) -> {
          while (batch.size() < BATCH && things.hasNext()) {
            batch.add(things.next());
          }
          return !things.hasNext();
        };
    return run(feed, process, take, () -> true);
  }

  private Thread thread(Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  private static void feed(Iterator<?> things, BlockingQueue<Object> queue) {
    try {
      Object last = END;
      try {
        while (!Thread.currentThread().isInterrupted() && things.hasNext()) {
          queue.put(things.next());
        }
      } catch (RuntimeException | Error e) {
        last = new Failure(e);
      }
      queue.put(last);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it was stopped
    }
  }

  /**
   * Takes what is there, or waits a little for the first; returns true at the end of the source.
   */
  private <I> boolean fill(List<I> batch, BlockingQueue<Object> queue, boolean mayWait)
      throws InterruptedException {
    while (batch.size() < BATCH) {
      boolean isFirst = batch.isEmpty() && mayWait;
      Object next = queue.poll(isFirst ? WAIT_MILLIS : 2, TimeUnit.MILLISECONDS);
      if (next == null) {
        return false;
      }
      if (next == END) {
        return true;
      }
      if (next instanceof Failure failure) {
        throw unwrapped(failure.cause);
      }
      @SuppressWarnings("unchecked") // what the source gave
      I thing = (I) next;
      batch.add(thing);
    }
    return false;
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
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS_TO_END);
    boolean ended = false;
    while (!ended && System.nanoTime() < end) {
      try {
        ended = pool.awaitTermination(1, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
