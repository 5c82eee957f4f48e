package io.facesearch;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** A part that is opened on a thread of its own, while the caller opens others. */
final class Opening<T> {
  private final FutureTask<T> task;
  private final Thread thread;

  Opening(Callable<T> open) {
    task = new FutureTask<>(open);
    // It inherits the context class loader, by which hosts of plug-ins find their parts.
    thread = new Thread(task, "facesearch-open");
    thread.setDaemon(true);
    thread.start();
  }

  /** For tests: a task that a thread runs, or ends without having run it. */
  Opening(FutureTask<T> task, Thread thread) {
    this.task = task;
    this.thread = thread;
  }

  /**
   * Waits for it; an interrupt is kept for later, as a part half open cannot be closed. A thread
   * that runs out of memory may end without ending its task, so it is the thread that is waited
   * for.
   */
  T get() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          thread.join();
          if (!task.isDone()) {
            throw new OutOfMemoryError("Java heap space, while a part was opened");
          }
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw unwrapped(Objects.requireNonNullElse(e.getCause(), e));
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** After another part failed: waits for it, to be closed; null if it failed too. */
  @Nullable T getOrSuppress(RuntimeException why) {
    try {
      return get();
    } catch (RuntimeException e) {
      if (e != why) {
        why.addSuppressed(e);
      }
      return null;
    }
  }

  private static RuntimeException unwrapped(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException known ? known : new FaceSearchException("" + cause);
  }
}
