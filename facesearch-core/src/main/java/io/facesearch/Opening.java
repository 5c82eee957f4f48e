package io.facesearch;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** A part that is opened on a thread of its own, while the caller opens others. */
final class Opening<T> {
  private final FutureTask<T> task;

  Opening(Callable<T> open) {
    task = new FutureTask<>(open);
    // It inherits the context class loader, by which hosts of plug-ins find their parts.
    Thread thread = new Thread(task, "facesearch-open");
    thread.setDaemon(true);
    thread.start();
  }

  /** Waits for it; an interrupt is kept for later, as a part half open cannot be closed. */
  T get() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
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
