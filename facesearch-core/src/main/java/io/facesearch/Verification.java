package io.facesearch;

import java.util.Objects;

/** Whether two photos show one person: either {@link Compared} or {@link NoFace}. */
public sealed interface Verification {
  /**
   * Both photos have a face.
   *
   * @param distance L2 distance of the two embeddings
   * @param threshold the threshold it is held against
   * @param first the face of the first photo, chosen by {@link FaceAnalyzer.Builder#choice}
   * @param second the face of the second photo
   * @param firstOthers how many further faces the first photo has, which were not compared
   * @param secondOthers how many further faces the second photo has
   */
  record Compared(
      double distance,
      DecisionThreshold threshold,
      DetectedFace first,
      DetectedFace second,
      int firstOthers,
      int secondOthers)
      implements Verification {

    /** Checks that nothing is missing. */
    public Compared {
      Objects.requireNonNull(threshold, "threshold");
      Objects.requireNonNull(first, "first");
      Objects.requireNonNull(second, "second");
    }

    /**
     * The decision, with the rates of {@link #threshold()} behind it.
     *
     * @return same person, different people, or unsure
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
   * At least one photo has no detectable face, so nothing can be said.
   *
   * @param first true if the first photo has none
   * @param second true if the second photo has none
   */
  record NoFace(boolean first, boolean second) implements Verification {}
}
