package io.facesearch.internal;

import java.util.ArrayDeque;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Workers that hold native memory and serve one thread at a time. Workers are made on demand, at
 * most {@code limit}; further callers wait. Closing waits for running calls, then closes every
 * worker.
 */
public final class NativePool<W extends AutoCloseable> implements AutoCloseable {
  private final String owner;
  private final int limit;
  private final Supplier<W> factory;
  private final ArrayDeque<W> idle = new ArrayDeque<>();
  private int made;
  private boolean closed;

  /**
   * Makes a pool without workers.
   *
   * @param owner for messages
   * @param limit most workers
   * @param factory makes a worker
   */
  public NativePool(String owner, int limit, Supplier<W> factory) {
    this.owner = owner;
    this.limit = limit;
    this.factory = factory;
  }

  /**
   * Works with a worker of the caller's own.
   *
   * @param work what is done with it
   * @param <R> what comes of it
   * @return what comes of it
   * @throws IllegalStateException if the pool is closed
   */
  public <R> R use(Function<W, R> work) {
    W worker = take();
    try {
      return work.apply(worker);
    } finally {
      giveBack(worker);
    }
  }

  private synchronized W take() {
    boolean interrupted = false;
    try {
      while (!closed && idle.isEmpty() && made == limit) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    if (closed) {
      throw new IllegalStateException(owner + " is closed");
    }
    W worker = idle.poll();
    if (worker == null) {
      worker = factory.get();
      made++;
    }
    return worker;
  }

  private synchronized void giveBack(W worker) {
    idle.push(worker);
    notifyAll();
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
    boolean interrupted = false;
    while (idle.size() < made) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    for (W worker : idle) {
      try {
        worker.close();
      } catch (Exception e) {
        throw new IllegalStateException("cannot close a worker of " + owner, e);
      }
    }
    idle.clear();
    made = 0;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
