package io.facesearch.store;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a {@link FaceStore} forces writes to the disk. With every policy, a change survives the end
 * of the process, including kill -9, once its method has returned, and a loss of power never leaves
 * a damaged store. The policy decides how many of the latest changes a loss of power may lose.
 * Immutable and thread-safe.
 */
public final class SyncPolicy {
  /** Every write waits for the disk: nothing is lost. The slowest policy. */
  public static final SyncPolicy EVERY_WRITE = new SyncPolicy(null);

  /** Only {@link FaceStore#sync()}, {@link FaceStore#close()} and full logs wait for the disk. */
  public static final SyncPolicy ON_DEMAND = new SyncPolicy(null);

  /** Null where there is none. */
  private final @Nullable Duration interval;

  private SyncPolicy(@Nullable Duration interval) {
    this.interval = interval;
  }

  /**
   * Forces writes to the disk in the background: a loss of power loses at most the changes of about
   * this period.
   *
   * @param interval 1 ms to 1 day
   * @return the policy
   * @throws IllegalArgumentException if out of range
   */
  public static SyncPolicy interval(Duration interval) {
    Objects.requireNonNull(interval, "interval");
    if (interval.compareTo(Duration.ofMillis(1)) < 0
        || interval.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(
          "the interval must be between 1 ms and 1 day, but is: " + interval);
    }
    return new SyncPolicy(interval);
  }

  Optional<Duration> interval() {
    return Optional.ofNullable(interval);
  }

  @Override
  public String toString() {
    return this == EVERY_WRITE
        ? "EVERY_WRITE"
        : this == ON_DEMAND ? "ON_DEMAND" : "interval(" + interval + ")";
  }
}
