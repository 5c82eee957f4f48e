package io.facesearch;

import java.util.Objects;

/**
 * Whether a photo shows a certain person of a gallery: either {@link Compared} or {@link NoFace}.
 */
public sealed interface PersonVerification {
  /**
   * The photo has a face.
   *
   * @param face of the photo, by the {@link FaceChoice} of the analyzer
   * @param otherFaces how many further faces the photo has, which were not compared
   * @param match how near the person is, and what that says
   * @param threshold what the distance is held against: {@link DecisionThreshold#falseAcceptRate()}
   *     is the share of strangers who would be taken for this person
   */
  record Compared(AnalyzedFace face, int otherFaces, PersonMatch match, DecisionThreshold threshold)
      implements PersonVerification {
    /** Checks that nothing is missing. */
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
   * The photo has no detectable face, so nothing can be said.
   *
   * @param width of the photo, pixels
   * @param height of the photo, pixels
   */
  record NoFace(int width, int height) implements PersonVerification {}
}
