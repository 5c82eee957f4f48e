package io.facesearch.index.internal.tree;

/** One setting of the approximate search and what it found; see {@code CalibratedRecall}. */
public record RecallSetting(
    int k, double leafShare, int beam, double recall, double standardError, double cost) {

  /** A recall that one may rely on: the mean less its standard error. */
  double safeRecall() {
    return recall - standardError;
  }
}
