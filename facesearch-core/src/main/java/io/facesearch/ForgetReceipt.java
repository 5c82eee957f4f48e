package io.facesearch;

import java.time.Instant;
import java.util.Objects;

/**
 * Says that a person was forgotten. It names the person, so keep it only as long as you may.
 * Immutable and thread-safe.
 *
 * @param person who was forgotten
 * @param at when it was done: nothing of the person was in the index, or its files, any more
 * @param faces how many faces were removed; 0 if the index knew nobody of that name
 * @param stateHash SHA-256, in hexadecimal, of all faces that are left: ids, records and vectors in
 *     order of insertion
 */
public record ForgetReceipt(String person, Instant at, int faces, String stateHash) {
  /** Checks that nothing is missing. */
  public ForgetReceipt {
    Objects.requireNonNull(person, "person");
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(stateHash, "stateHash");
    if (faces < 0) {
      throw new IllegalArgumentException("faces must be 0 or more, but is: " + faces);
    }
  }
}
