package io.facesearch.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs work over the cores; OpenCV dislikes parallel streams. */
final class Parallel {
  private Parallel() {}

  interface Work<T> {
    void run(T item) throws Exception;
  }

  static <T> void forEach(List<T> items, Work<T> work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      List<Callable<Void>> calls = new ArrayList<>();
      for (T item : items) {
        calls.add(
            () -> {
              work.run(item);
              return null;
            });
      }
      for (Future<Void> done : pool.invokeAll(calls)) {
        done.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }
}
