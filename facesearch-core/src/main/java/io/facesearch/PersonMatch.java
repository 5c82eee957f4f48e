package io.facesearch;

import java.util.Objects;
import java.util.Optional;

/**
 * Somebody of a gallery whom a face may show. Immutable and thread-safe.
 *
 * @param person the name; empty for a face without a name, which stands for itself
 * @param nearest the face of that person that is nearest to the probe
 * @param photos how many faces bear the name, at least 1
 * @param distance L2 distance from the probe to the mean of these faces (of 200 of them, if there
 *     are more), all made unit vectors, the mean too; 0 to 2
 * @param decision {@link Decision#SAME} for at most one name
 */
public record PersonMatch(
    Optional<String> person, FaceRecord nearest, int photos, double distance, Decision decision) {

  /** Checks that nothing is missing. */
  public PersonMatch {
    Objects.requireNonNull(person, "person");
    Objects.requireNonNull(nearest, "nearest");
    Objects.requireNonNull(decision, "decision");
    if (photos < 1) {
      throw new IllegalArgumentException("photos must be at least 1, but is: " + photos);
    }
    if (!(distance >= 0)) {
      throw new IllegalArgumentException("a distance must be 0 or more, but is: " + distance);
    }
  }
}
