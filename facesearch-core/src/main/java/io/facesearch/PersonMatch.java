package io.facesearch;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Somebody of a gallery whom a face may show. Immutable and thread-safe. */
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

  /** {@return the name; empty for a face without a name, which stands for itself} */
  public Optional<String> person() {
    return Optional.ofNullable(person);
  }

  /** {@return the face of that person that is nearest to the probe} */
  public FaceRecord nearest() {
    return nearest;
  }

  /** {@return how many faces bear the name, at least 1} */
  public int photos() {
    return photos;
  }

  /**
   * {@return L2 distance from the probe to the mean of these faces (of 200 of them, if there are
   * more), all made unit vectors, the mean too; 0 to 2}
   */
  public double distance() {
    return distance;
  }

  /** {@return {@link Decision#SAME} for at most one name} */
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
