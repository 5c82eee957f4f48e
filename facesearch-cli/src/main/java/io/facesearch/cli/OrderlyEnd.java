package io.facesearch.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Lets work save what it has when the JVM ends: the work is asked to stop, and the JVM waits for
 * it. To be closed when the work has ended.
 */
final class OrderlyEnd implements AutoCloseable {
  private final AtomicBoolean asked = new AtomicBoolean();
  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook;

  /**
   * Begins.
   *
   * @param seconds that the JVM waits at most
   * @param what it waits for, to be named if it takes longer
   */
  OrderlyEnd(int seconds, String what) {
    hook = new Thread(() -> askAndWait(seconds, what), "facesearch-stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void askAndWait(int seconds, String what) {
    asked.set(true);
    try {
      if (!done.await(seconds, TimeUnit.SECONDS)) {
        System.err.println("facesearch: gave up waiting for " + what);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the work has to stop. */
  boolean isAsked() {
    return asked.get();
  }

  @Override
  public void close() {
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending, which is why we are here.
    }
  }
}
