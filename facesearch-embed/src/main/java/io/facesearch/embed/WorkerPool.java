package io.facesearch.embed;

import io.facesearch.FaceImage;
import io.facesearch.FaceSearchException;
import io.facesearch.NativeRuntimeException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
 * <p>A caller runs a single batch itself where the engine allows it, which spares waking a thread
 * and being woken by it.
 */
final class WorkerPool implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final int threads;
  private final int batchSize;
  private final int smallestBatch;
  private final boolean callerRuns;
  private final List<EmbeddingWorker> workers;
  private final BlockingQueue<EmbeddingWorker> idle;
  private final ExecutorService executor;

  /**
   * Takes over the workers; each can hold {@code batchSize} chips.
   *
   * @param workers one a thread
   * @param batchSize most chips in a batch
   * @param network of the workers
   */
  WorkerPool(List<EmbeddingWorker> workers, int batchSize, Network network) {
    this.workers = List.copyOf(workers);
    this.batchSize = batchSize;
    smallestBatch = network.smallestBatch();
    callerRuns = network.runsInAnyThread();
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
    if (callerRuns && n > 0 && n <= batch) {
      try {
        return run(chips, few);
      } catch (RuntimeException e) {
        throw typed(e);
      }
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
    EmbeddingWorker worker = idleWorker();
    try {
      boolean alone = few && idle.size() == threads - 1;
      return worker.embed(chips, alone);
    } finally {
      idle.add(worker);
    }
  }

  /** Waits for one; an interrupt is kept for the caller. */
  private EmbeddingWorker idleWorker() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return idle.take();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static List<float[]> join(CompletableFuture<List<float[]>> result) {
    try {
      return result.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw typed(Objects.requireNonNullElse(e.getCause(), e));
    }
  }

  private static FaceSearchException typed(Throwable failure) {
    return failure instanceof FaceSearchException typed
        ? typed
        : new NativeRuntimeException("the network failed: " + failure.getMessage(), failure);
  }

  /** Call when nothing runs. */
  @Override
  public void close() {
    executor.shutdown();
    workers.forEach(EmbeddingWorker::close);
  }
}
