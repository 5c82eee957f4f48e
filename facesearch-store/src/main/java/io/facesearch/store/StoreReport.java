package io.facesearch.store;

import java.time.Duration;
import java.util.Objects;

/**
 * What {@link FaceStore#verify} checked and found in order. Immutable and thread-safe.
 *
 * @param faces number of faces
 * @param bytes of all files of the store
 * @param encrypted whether there is a key
 * @param duration how long it took
 */
public record StoreReport(int faces, long bytes, boolean encrypted, Duration duration) {
  /** Checks that nothing is missing. */
  public StoreReport {
    Objects.requireNonNull(duration, "duration");
  }
}
