package io.facesearch;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far bulk work on photos is: {@link Gallery#addAll} or {@link Gallery#reembed}.
 *
 * @param done photos dealt with, those that were known included
 * @param total photos that there are, if that is known
 * @param faces faces added
 * @param noFace photos without a face, or in which a face was not found again
 * @param broken files that are no readable image
 * @param elapsed since the work began
 */
public record IndexingProgress(
    long done, OptionalLong total, long faces, long noFace, long broken, Duration elapsed) {
  /** Checks that nothing is missing. */
  public IndexingProgress {
    Objects.requireNonNull(total, "total");
    Objects.requireNonNull(elapsed, "elapsed");
  }

  /**
   * How fast it goes.
   *
   * @return photos a second since the work began; 0 before the first
   */
  public double photosPerSecond() {
    double seconds = elapsed.toNanos() / 1e9;
    return seconds > 0 ? done / seconds : 0;
  }

  /**
   * How long it will take yet, if it goes on as fast.
   *
   * @return empty before the first photo, and where the total is not known
   */
  public Optional<Duration> remaining() {
    return total.isEmpty() || done == 0
        ? Optional.empty()
        : Optional.of(
            Duration.ofNanos(
                (long) ((double) elapsed.toNanos() / done * (total.getAsLong() - done))));
  }
}
