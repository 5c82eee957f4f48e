package io.facesearch.cli;

import java.lang.reflect.Proxy;

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
   * @throws IllegalStateException if this Java hands on no signals: without the module {@code
   *     jdk.unsupported}, or with {@code -Xrs}
   */
  static void onStop(Runnable stop) {
    boolean[] stopping = new boolean[1];
    for (String name : new String[] {"INT", "TERM"}) {
      handle(
          name,
          () -> {
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

  /**
   * By reflection: the JDK has nothing but sun.misc.Signal for this, and javac warns of each use of
   * it in a way that cannot be turned off, so that no other warning could stop the build.
   */
  private static void handle(String name, Runnable whatToDo) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              StopSignal.class.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  whatToDo.run();
                }
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("This Java hands on no signal " + name, e);
    }
  }
}
