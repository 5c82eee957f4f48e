package io.facesearch;

/** What a distance says about two faces; see {@link DecisionThreshold#decide}. */
public enum Decision {
  /** At most the threshold: one person, but for the threshold's false accept rate. */
  SAME,
  /** Between the two thresholds: too far for one, too near for the other. */
  UNSURE,
  /** Beyond the second threshold: two people, but for its false reject rate. */
  DIFFERENT
}
