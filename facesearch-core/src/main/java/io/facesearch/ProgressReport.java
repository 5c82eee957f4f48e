package io.facesearch;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Tells a listener how far a run is, with its time. Used by one thread. */
final class ProgressReport {
  private final IndexingListener listener;
  private final long start = System.nanoTime();

  ProgressReport(IndexingListener listener) {
    this.listener = listener;
  }

  /** Returns false to stop. */
  boolean report(long done, @Nullable Long total, long faces, long noFace, long broken) {
    return listener.onProgress(new IndexingProgress(done, total, faces, noFace, broken, elapsed()));
  }

  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
