package io.facesearch;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Somebody in a gallery who may be the person that a face belongs to. Immutable and thread-safe.
 */
public final class PersonMatch {
  private final @Nullable String person;
  private final FaceRecord nearest;
  private final int photos;
  private final double distance;
  private final Decision decision;

  PersonMatch(
      @Nullable String person, FaceRecord nearest, int photos, double distance, Decision decision) {
    if (photos < 1) {
      throw new IllegalArgumentException("photos must be at least 1, but is: " + photos);
    }
    if (!(distance >= 0)) {
      throw new IllegalArgumentException("a distance must be 0 or more, but is: " + distance);
    }

    this.person = person;
    this.nearest = Objects.requireNonNull(nearest, "nearest");
    this.photos = photos;
    this.distance = distance;
    this.decision = Objects.requireNonNull(decision, "decision");
  }

  /** {@return the name; empty for a face without a name, which counts as a person of its own} */
  public Optional<String> person() {
    return Optional.ofNullable(person);
  }

  /** {@return the person's face that is nearest to the probe} */
  public FaceRecord nearest() {
    return nearest;
  }

  /** {@return how many faces have the name, at least 1} */
  public int photos() {
    return photos;
  }

  /**
   * {@return the L2 distance from the probe to the mean of the person's faces (of 200 of them if
   * there are more), 0 to 2; all vectors and the mean are normalized to unit length}
   */
  public double distance() {
    return distance;
  }

  /** {@return the decision, {@link Decision#SAME} for at most one name} */
  public Decision decision() {
    return decision;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PersonMatch that
        && Objects.equals(person, that.person)
        && nearest.equals(that.nearest)
        && photos == that.photos
        && Double.compare(distance, that.distance) == 0
        && decision.equals(that.decision);
  }

  @Override
  public int hashCode() {
    return Objects.hash(person, nearest, photos, distance, decision);
  }

  @Override
  public String toString() {
    return "PersonMatch["
        + "person="
        + person
        + ", "
        + "nearest="
        + nearest
        + ", "
        + "photos="
        + photos
        + ", "
        + "distance="
        + distance
        + ", "
        + "decision="
        + decision
        + "]";
  }
}
