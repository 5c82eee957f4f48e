package io.facesearch.cli;

import sun.misc.Signal;

/**
 * Ends long work on Ctrl-C and SIGTERM before the JVM begins to end. A shutdown hook would be too
 * late: ONNX Runtime frees its memory in a hook of its own, beneath threads that still use it, and
 * the JVM crashes.
 */
final class StopSignal {
  private static final int KILLED = 130;

  private StopSignal() {}

  /**
   * Runs something at the first signal; the second ends the JVM where it is.
   *
   * @param stop makes the work end; must not block
   */
  static void onStop(Runnable stop) {
    boolean[] stopping = new boolean[1];
    for (String name : new String[] {"INT", "TERM"}) {
      Signal.handle(
          new Signal(name),
          signal -> {
            synchronized (stopping) {
              if (stopping[0]) {
                Runtime.getRuntime().halt(KILLED);
              }
              stopping[0] = true;
            }
            stop.run();
          });
    }
  }
}
