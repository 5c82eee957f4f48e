package io.facesearch;

/**
 * Up to which distance two faces count as the same person, and how often that is wrong. A distance
 * is not a probability; the rate holds for pairs like those it was calibrated on.
 *
 * @param distance L2 distance, greater than 0; at most this far apart means "same"
 * @param falseAcceptRate share of pairs of different people that are called the same, 0 to 1
 * @param calibratedOn data set and number of pairs
 */
public record DecisionThreshold(double distance, double falseAcceptRate, String calibratedOn) {

  /** Checks the ranges. */
  public DecisionThreshold {
    if (!(distance > 0 && distance < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("distance must be finite and > 0, but is: " + distance);
    }
    if (!(falseAcceptRate >= 0 && falseAcceptRate <= 1)) {
      throw new IllegalArgumentException(
          "falseAcceptRate must be between 0 and 1, but is: " + falseAcceptRate);
    }
  }
}
