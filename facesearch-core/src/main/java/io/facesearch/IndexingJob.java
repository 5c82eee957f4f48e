package io.facesearch;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A bulk run on a thread of its own; see {@link Gallery#start}. It ends when it is done, by {@link
 * #cancel}, or when its gallery is closed. Thread-safe.
 */
public final class IndexingJob {
  /** The work. */
  @FunctionalInterface
  interface Work {
    IndexingReport run(IndexingListener listener) throws IOException;
  }

  private final CompletableFuture<IndexingReport> result = new CompletableFuture<>();
  private volatile @Nullable IndexingProgress progress;
  private volatile boolean cancelled;

  private IndexingJob() {}

  static IndexingJob start(Work work) {
    IndexingJob job = new IndexingJob();
    Thread thread = new Thread(() -> job.run(work), "facesearch-job");
    thread.setDaemon(true);
    thread.start();
    return job;
  }

  private void run(Work work) {
    try {
      result.complete(
          work.run(
              now -> {
                progress = now;
                return !cancelled;
              }));
    } catch (IOException | RuntimeException | Error e) {
      // Errors too, such as of memory: the job would be said to run for ever.
      result.completeExceptionally(e);
    }
  }

  /** {@return the latest progress; empty until the photos have been counted} */
  public Optional<IndexingProgress> progress() {
    return Optional.ofNullable(progress);
  }

  /** Asks the run to stop soon. Faces that were added stay. Does nothing if the run has ended. */
  public void cancel() {
    cancelled = true;
  }

  /** {@return whether the run has ended, in whatever way} */
  public boolean isDone() {
    return result.isDone();
  }

  /**
   * Waits until the run has ended.
   *
   * @return what was done; {@link IndexingReport#cancelled} says whether it was stopped early
   * @throws IOException if the photos cannot be listed
   * @throws InterruptedException if the waiting thread is interrupted; the run continues
   */
  public IndexingReport await() throws IOException, InterruptedException {
    try {
      return result.get();
    } catch (java.util.concurrent.ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new FaceSearchException("bulk work failed", e.getCause());
    }
  }

  /**
   * Returns a stage that completes when the run ends, with the report or the failure. To cancel the
   * run, use {@link #cancel}.
   *
   * @return a new stage
   */
  public CompletionStage<IndexingReport> completion() {
    return result.minimalCompletionStage();
  }

  /** Stops it and waits; an interrupt is kept for later. */
  void stop() {
    cancel();
    boolean interrupted = false;
    while (!result.isDone()) {
      try {
        result.get();
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (CancellationException
          | CompletionException
          | java.util.concurrent.ExecutionException e) {
        break; // told by await
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
