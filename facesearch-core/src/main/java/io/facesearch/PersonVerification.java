package io.facesearch;

import java.util.Objects;

/**
 * Whether a photo shows a certain person in a gallery: either {@link Compared} or {@link NoFace}.
 * Immutable and thread-safe.
 */
public sealed interface PersonVerification {
  /**
   * The photo has a face.
   *
   * @param face the compared face, picked by the {@link FaceChoice} of the analyzer
   * @param otherFaces how many other faces the photo has, which were not compared
   * @param match the distance to the person, and the decision
   * @param threshold the threshold that was applied; its {@link
   *     DecisionThreshold#falseAcceptRate()} is the share of strangers who would be mistaken for
   *     this person
   */
  record Compared(AnalyzedFace face, int otherFaces, PersonMatch match, DecisionThreshold threshold)
      implements PersonVerification {
    /** Checks that no component is null. */
    public Compared {
      Objects.requireNonNull(face, "face");
      Objects.requireNonNull(match, "match");
      Objects.requireNonNull(threshold, "threshold");
    }

    /** {@return the decision: the same person, somebody else, or unsure} */
    public Decision decision() {
      return match.decision();
    }
  }

  /**
   * The photo has no detectable face, so there is nothing to compare.
   *
   * @param width of the photo, pixels
   * @param height of the photo, pixels
   */
  record NoFace(int width, int height) implements PersonVerification {}
}
