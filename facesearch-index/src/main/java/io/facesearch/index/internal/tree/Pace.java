package io.facesearch.index.internal.tree;

import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/**
 * How much of the machine long work in the background may take: some cores, all of them when
 * somebody waits for it, or none any more when it is not worth doing. Thread-safe.
 */
public final class Pace {
  static final int CORES = Runtime.getRuntime().availableProcessors();

  /** What is built in the background leaves the other cores to those who add and search. */
  static final int FEW_CORES = Math.max(1, CORES / 2);

  private final Semaphore free;
  private final BooleanSupplier givenUp;

  /** Guarded by this. */
  private boolean isHurried;

  private Pace(int cores, BooleanSupplier givenUp) {
    free = new Semaphore(cores);
    this.givenUp = givenUp;
  }

  /** All cores, to the end. */
  static Pace full() {
    return new Pace(CORES, () -> false);
  }

  /**
   * Some of the cores.
   *
   * @param givenUp is asked before each step; once it was true, it must stay true
   */
  static Pace slow(BooleanSupplier givenUp) {
    return new Pace(FEW_CORES, givenUp);
  }

  /** From now on it takes all cores. */
  synchronized void hurry() {
    if (!isHurried) {
      isHurried = true;
      free.release(CORES); // more than enough
    }
  }

  boolean isGivenUp() {
    return givenUp.getAsBoolean();
  }

  /** Runs a step when a core is free for it, unless the work was given up. */
  void step(Runnable step) {
    free.acquireUninterruptibly();
    try {
      if (!isGivenUp()) {
        step.run();
      }
    } finally {
      free.release();
    }
  }
}
