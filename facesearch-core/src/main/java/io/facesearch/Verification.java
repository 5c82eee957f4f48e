package io.facesearch;

import java.util.Objects;

/**
 * Whether two photos show the same person: either {@link Compared} or {@link NoFace}. Immutable and
 * thread-safe.
 */
public sealed interface Verification {
  /**
   * Both photos have a face.
   *
   * @param distance L2 distance of the two embeddings
   * @param threshold the threshold that it is compared with
   * @param first the face in the first photo, picked by {@link FaceAnalyzer.Builder#choice}
   * @param second the face in the second photo
   * @param firstOthers how many other faces the first photo has, which were not compared
   * @param secondOthers how many other faces the second photo has
   */
  record Compared(
      double distance,
      DecisionThreshold threshold,
      DetectedFace first,
      DetectedFace second,
      int firstOthers,
      int secondOthers)
      implements Verification {

    /** Checks that no component is null. */
    public Compared {
      Objects.requireNonNull(threshold, "threshold");
      Objects.requireNonNull(first, "first");
      Objects.requireNonNull(second, "second");
    }

    /**
     * {@return the decision: same person, different people, or unsure; {@link #threshold()} has its
     * error rates}
     */
    public Decision decision() {
      return threshold.decide(distance);
    }

    /**
     * {@return whether the distance is at most the threshold, so that the photos show one person}
     */
    public boolean samePerson() {
      return distance <= threshold.distance();
    }
  }

  /**
   * At least one photo has no detectable face, so there is nothing to compare.
   *
   * @param first true if the first photo has none
   * @param second true if the second photo has none
   */
  record NoFace(boolean first, boolean second) implements Verification {}
}
