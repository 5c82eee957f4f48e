package io.facesearch;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Progress of bulk work on photos, {@link Gallery#addAll} or {@link Gallery#reembed}. Immutable and
 * thread-safe.
 */
public final class IndexingProgress {
  private final long done;
  private final @Nullable Long total;
  private final long faces;
  private final long noFace;
  private final long broken;
  private final Duration elapsed;

  /**
   * Creates a progress.
   *
   * @param done photos processed, including those that were already known
   * @param total photos in all; null if unknown
   * @param faces faces added
   * @param noFace photos without a face, or in which a face was not found again
   * @param broken files that are not readable images
   * @param elapsed time since the work began
   */
  public IndexingProgress(
      long done, @Nullable Long total, long faces, long noFace, long broken, Duration elapsed) {
    this.done = done;
    this.total = total;
    this.faces = faces;
    this.noFace = noFace;
    this.broken = broken;
    this.elapsed = Objects.requireNonNull(elapsed, "elapsed");
  }

  /** {@return photos processed, including those that were already known} */
  public long done() {
    return done;
  }

  /** {@return photos in all, if known} */
  public OptionalLong total() {
    return total == null ? OptionalLong.empty() : OptionalLong.of(total);
  }

  /** {@return faces added} */
  public long faces() {
    return faces;
  }

  /** {@return photos without a face, or in which a face was not found again} */
  public long noFace() {
    return noFace;
  }

  /** {@return files that are not readable images} */
  public long broken() {
    return broken;
  }

  /** {@return the time since the work began} */
  public Duration elapsed() {
    return elapsed;
  }

  /** {@return photos processed per second since the work began; 0 before the first} */
  public double photosPerSecond() {
    double seconds = elapsed.toNanos() / 1e9;
    return seconds > 0 ? done / seconds : 0;
  }

  /**
   * {@return the estimated remaining time at the same speed; empty before the first photo, and if
   * the total is unknown}
   */
  public Optional<Duration> remaining() {
    return total == null || done == 0
        ? Optional.empty()
        : Optional.of(
            Duration.ofNanos((long) ((double) elapsed.toNanos() / done * (total - done))));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IndexingProgress that
        && done == that.done
        && Objects.equals(total, that.total)
        && faces == that.faces
        && noFace == that.noFace
        && broken == that.broken
        && elapsed.equals(that.elapsed);
  }

  @Override
  public int hashCode() {
    return Objects.hash(done, total, faces, noFace, broken, elapsed);
  }

  @Override
  public String toString() {
    return "IndexingProgress["
        + "done="
        + done
        + ", "
        + "total="
        + total
        + ", "
        + "faces="
        + faces
        + ", "
        + "noFace="
        + noFace
        + ", "
        + "broken="
        + broken
        + ", "
        + "elapsed="
        + elapsed
        + "]";
  }
}
