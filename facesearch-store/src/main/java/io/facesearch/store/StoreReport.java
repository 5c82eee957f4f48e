package io.facesearch.store;

import java.time.Duration;
import java.util.Objects;

/**
 * What {@link FaceStore#verify} checked and found to be intact. Immutable and thread-safe.
 *
 * @param faces number of faces
 * @param bytes size of all files of the store
 * @param encrypted whether the store is encrypted
 * @param duration how long the check took
 */
public record StoreReport(int faces, long bytes, boolean encrypted, Duration duration) {
  /** Checks that no component is null. */
  public StoreReport {
    Objects.requireNonNull(duration, "duration");
  }
}
