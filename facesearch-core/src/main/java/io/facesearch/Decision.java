package io.facesearch;

/** What a distance says about two faces; see {@link DecisionThreshold#decide}. */
public enum Decision {
  /** At most the threshold: the same person, except at the threshold's false accept rate. */
  SAME,
  /**
   * Between the two thresholds: too far apart for the same person, too near for different people.
   */
  UNSURE,
  /** Beyond the second threshold: different people, except at the threshold's false reject rate. */
  DIFFERENT
}
