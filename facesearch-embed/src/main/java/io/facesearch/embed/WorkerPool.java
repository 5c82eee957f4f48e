package io.facesearch.embed;

import io.facesearch.FaceImage;
import io.facesearch.FaceSearchException;
import io.facesearch.NativeRuntimeException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Spreads chips over workers in batches. Thread-safe.
 *
 * <p>The workers have threads of their own, though a caller could run its batch itself: malloc
 * keeps freed memory per thread, so that the native memory would otherwise grow with the number of
 * callers.
 */
final class WorkerPool implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final int threads;
  private final int batchSize;
  private final int smallestBatch;
  private final List<EmbeddingWorker> workers;
  private final BlockingQueue<EmbeddingWorker> idle;
  private final ExecutorService executor;

  /**
   * Takes over the workers; each can hold {@code batchSize} chips.
   *
   * @param workers one a thread
   * @param batchSize most chips in a batch
   * @param smallestBatch below this size a batch loses more than a second thread gains
   */
  WorkerPool(List<EmbeddingWorker> workers, int batchSize, int smallestBatch) {
    this.workers = List.copyOf(workers);
    this.batchSize = batchSize;
    this.smallestBatch = smallestBatch;
    threads = workers.size();
    idle = new LinkedBlockingQueue<>(workers);
    int number = NUMBER.incrementAndGet();
    executor =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              // Nothing of the first caller is inherited: it would never be collected.
              Thread thread = new Thread(null, task, "facesearch-embed-" + number, 0, false);
              thread.setContextClassLoader(WorkerPool.class.getClassLoader());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Vectors of the chips, in order. An interrupt is kept for the caller, not obeyed. */
  List<float[]> embed(List<FaceImage> chips) {
    int n = chips.size();
    int share = (n + threads - 1) / threads;
    int batch = Math.min(batchSize, Math.max(smallestBatch, share));
    // So few that most cores would be idle.
    boolean few = 2 * n <= threads && n <= batchSize;
    if (few) {
      batch = batchSize;
    }
    List<float[]> vectors = new ArrayList<>(n);
    Queue<CompletableFuture<List<float[]>>> running = new ArrayDeque<>();
    try {
      for (int from = 0; from < n; from += batch) {
        // A few batches ahead and no more, so that other callers get their turn.
        if (running.size() > threads) {
          vectors.addAll(join(running.remove()));
        }
        List<FaceImage> part = chips.subList(from, Math.min(n, from + batch));
        running.add(CompletableFuture.supplyAsync(() -> run(part, few), executor));
      }
      while (!running.isEmpty()) {
        vectors.addAll(join(running.remove()));
      }
      return vectors;
    } finally {
      // After a failure: nothing runs on when the caller is told of it.
      running.forEach(batchResult -> batchResult.exceptionally(e -> List.of()).join());
    }
  }

  private List<float[]> run(List<FaceImage> chips, boolean few) {
    // There are as many workers as threads, so one is idle.
    EmbeddingWorker worker = idle.remove();
    try {
      boolean alone = few && idle.size() == threads - 1;
      return worker.embed(chips, alone);
    } finally {
      idle.add(worker);
    }
  }

  private static List<float[]> join(CompletableFuture<List<float[]>> result) {
    try {
      return result.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      if (e.getCause() instanceof FaceSearchException typed) {
        throw typed;
      }
      throw new NativeRuntimeException(
          "the network failed: " + e.getCause().getMessage(), e.getCause());
    }
  }

  /** Call when nothing runs. */
  @Override
  public void close() {
    executor.shutdown();
    workers.forEach(EmbeddingWorker::close);
  }
}
