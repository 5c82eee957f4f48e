package io.facesearch.index.internal.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What several threads share that read the codes of a tree for one query: which codes come next,
 * and how far the k-th face is at most. The thread that asks works too, and waits only for those
 * that have begun: where the others come late or never, it does all of it. Each thread has a {@link
 * Searcher} of its own; what they found is put together at the end, and is what one thread would
 * have found: the k nearest by distance and order of insertion. Thread-safe; one for each query.
 */
public final class SharedScan {
  /** Each thread takes about so many parts, so that all end at about the same time. */
  private static final int PARTS = 8;

  private final AtomicInteger next = new AtomicInteger();
  private final int units;
  private final int step;

  /**
   * The bits of the smallest squared distance known to exclude; they grow with it, as it is ≥ 0.
   */
  private final AtomicLong limit =
      new AtomicLong(Double.doubleToRawLongBits(Double.POSITIVE_INFINITY));

  /** Null as soon as nobody may begin any more, so that late tasks hold nothing. */
  private @Nullable Searcher leader;

  private final List<Searcher> helpers = new ArrayList<>();
  private int working;
  private @Nullable Throwable failure;

  private SharedScan(Searcher leader, int threads) {
    this.leader = leader;
    units = leader.codes().units();
    step = Math.max(1, Math.min(leader.codes().mostUnits(), units / (PARTS * threads)));
  }

  /**
   * Goes through all codes of the tree of a search that has begun, with others if there are any.
   *
   * @param threads how many work at most, with the calling one
   * @param executor runs the others; it may refuse, or never run them
   */
  static void run(Searcher leader, int threads, Executor executor) {
    SharedScan scan = new SharedScan(leader, threads);
    int parts = (scan.units + scan.step - 1) / scan.step;
    try {
      for (int i = 1; i < Math.min(threads, parts); i++) {
        executor.execute(scan::help);
      }
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      // Those that it took, and this thread, do it all. That no thread is to be had is told by an
      // error as if memory were out.
    } catch (RuntimeException | Error e) {
      scan.end(leader);
      throw e;
    }
    try {
      leader.codes().run(scan);
    } finally {
      scan.end(leader);
    }
    scan.throwFailure();
  }

  /** The first of the codes to be read next, at most {@link #step()}; there may be none left. */
  int next() {
    // Far from overflow: each thread asks once more than there are parts.
    return next.getAndAdd(step);
  }

  int step() {
    return step;
  }

  /** Tells of a squared distance that excludes, and returns the smallest that was told. */
  double limit(double squared) {
    long own = Double.doubleToRawLongBits(Math.max(0, squared));
    long known = limit.get();
    while (own < known && !limit.compareAndSet(known, own)) {
      known = limit.get();
    }
    return Double.longBitsToDouble(Math.min(own, known));
  }

  private void help() {
    Searcher first;
    synchronized (this) {
      if (leader == null) {
        return;
      }
      first = leader;
      working++;
    }
    Searcher searcher = null;
    Throwable failed = null;
    try {
      searcher = first.helper();
      searcher.codes().run(this);
    } catch (RuntimeException | Error e) {
      failed = e;
    } finally {
      synchronized (this) {
        working--;
        if (failed != null) {
          failure = failed;
        } else {
          helpers.add(searcher);
        }
        notifyAll();
      }
    }
  }

  /** Waits for those that have begun, each for one part at most, and takes over what they found. */
  private void end(Searcher first) {
    boolean interrupted = false;
    synchronized (this) {
      leader = null;
      while (working > 0) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true; // the answer is at hand: who asked sees the interrupt afterwards
        }
      }
    }
    for (Searcher helper : helpers) {
      first.takeOver(helper);
    }
    helpers.clear();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void throwFailure() {
    if (failure instanceof Error e) {
      throw e;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }
}
