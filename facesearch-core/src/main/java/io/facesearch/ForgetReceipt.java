package io.facesearch;

import java.time.Instant;
import java.util.Objects;

/**
 * Confirms that a person was forgotten. It contains the person's name, so keep it only as long as
 * you are allowed to. Immutable and thread-safe.
 *
 * @param person who was forgotten
 * @param at when it was done: from then on, neither the index nor its files held anything of the
 *     person
 * @param faces how many faces were removed; 0 if the index had nobody with that name
 * @param stateHash SHA-256, in hexadecimal, of all remaining faces: ids, records and vectors in
 *     insertion order
 */
public record ForgetReceipt(String person, Instant at, int faces, String stateHash) {
  /** Checks that no component is null. */
  public ForgetReceipt {
    Objects.requireNonNull(person, "person");
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(stateHash, "stateHash");
    if (faces < 0) {
      throw new IllegalArgumentException("faces must be 0 or more, but is: " + faces);
    }
  }
}
