package io.facesearch.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Scores verification by the protocol of LFW: the pairs are parted into folds; for each fold the
 * threshold is the one with the best accuracy on the other folds. A pair in which a face was not
 * detected counts as an error, whatever it shows. Immutable and thread-safe.
 */
public final class VerificationEvaluation {
  /**
   * The outcome of one pair.
   *
   * @param distance L2 distance, or NaN if a face was not detected
   * @param same true if the pair shows one person
   */
  public record Outcome(double distance, boolean same) {}

  /**
   * Accuracy over the folds.
   *
   * @param mean share of right decisions, 0 to 1
   * @param standardError standard deviation of the folds' accuracies by the square root of their
   *     number
   * @param threshold mean of the folds' thresholds, L2 distance
   */
  public record Accuracy(double mean, double standardError, double threshold) {}

  private final List<Outcome> outcomes;

  private VerificationEvaluation(List<Outcome> outcomes) {
    this.outcomes = List.copyOf(outcomes);
  }

  /**
   * Takes the outcomes of all pairs.
   *
   * @param outcomes in the order of the protocol's file
   * @return the evaluation
   * @throws IllegalArgumentException if there is no pair of one kind
   */
  public static VerificationEvaluation of(List<Outcome> outcomes) {
    long same = outcomes.stream().filter(Outcome::same).count();
    if (same == 0 || same == outcomes.size()) {
      throw new IllegalArgumentException(
          "expected pairs of one person and pairs of two people, but got "
              + same
              + " and "
              + (outcomes.size() - same));
    }
    return new VerificationEvaluation(outcomes);
  }

  /**
   * Share of pairs in which both faces were detected.
   *
   * @return 0 to 1
   */
  public double detectedShare() {
    return (double) outcomes.stream().filter(o -> !Double.isNaN(o.distance())).count()
        / outcomes.size();
  }

  /**
   * Cross-validated accuracy. The pairs of each kind are dealt to the folds in turn.
   *
   * @param folds 2 to the number of pairs of the rarer kind; LFW uses 10
   * @return mean and standard error
   */
  public Accuracy accuracy(int folds) {
    int[] foldOf = new int[outcomes.size()];
    int[] dealt = new int[2];
    for (int i = 0; i < foldOf.length; i++) {
      foldOf[i] = dealt[outcomes.get(i).same() ? 1 : 0]++ % folds;
    }
    if (folds < 2 || folds > Math.min(dealt[0], dealt[1])) {
      throw new IllegalArgumentException(
          "folds must be between 2 and " + Math.min(dealt[0], dealt[1]) + ", but is: " + folds);
    }
    double[] accuracy = new double[folds];
    double thresholds = 0;
    for (int fold = 0; fold < folds; fold++) {
      List<Outcome> train = new ArrayList<>();
      List<Outcome> test = new ArrayList<>();
      for (int i = 0; i < foldOf.length; i++) {
        (foldOf[i] == fold ? test : train).add(outcomes.get(i));
      }
      double threshold = bestThreshold(train);
      thresholds += threshold;
      accuracy[fold] =
          (double) test.stream().filter(o -> right(o, threshold)).count() / test.size();
    }
    double mean = Arrays.stream(accuracy).average().orElseThrow();
    double variance = Arrays.stream(accuracy).map(a -> (a - mean) * (a - mean)).sum() / (folds - 1);
    return new Accuracy(mean, Math.sqrt(variance / folds), thresholds / folds);
  }

  private static boolean right(Outcome o, double threshold) {
    return !Double.isNaN(o.distance()) && o.distance() <= threshold == o.same();
  }

  /** The middle of the gap that parts the outcomes best. */
  private static double bestThreshold(List<Outcome> outcomes) {
    List<Outcome> sorted =
        outcomes.stream()
            .filter(o -> !Double.isNaN(o.distance()))
            .sorted((a, b) -> Double.compare(a.distance(), b.distance()))
            .toList();
    int right = (int) sorted.stream().filter(o -> !o.same()).count();
    int best = right;
    double threshold = 0;
    for (int i = 0; i < sorted.size(); i++) {
      right += sorted.get(i).same() ? 1 : -1;
      double next = i + 1 < sorted.size() ? sorted.get(i + 1).distance() : sorted.get(i).distance();
      if (right > best && (i + 1 == sorted.size() || next > sorted.get(i).distance())) {
        best = right;
        threshold = (sorted.get(i).distance() + next) / 2;
      }
    }
    return threshold;
  }

  /**
   * Area under the ROC curve: the chance that a pair of one person is nearer than a pair of two
   * people; ties count half. A pair with an undetected face ranks as wrong as it can.
   *
   * @return 0 to 1
   */
  public double rocArea() {
    double[] same = distances(true, Double.POSITIVE_INFINITY);
    double[] different = distances(false, Double.NEGATIVE_INFINITY);
    double wins = 0;
    for (double s : same) {
      for (double d : different) {
        wins += s < d ? 1 : s == d ? 0.5 : 0;
      }
    }
    return wins / ((double) same.length * different.length);
  }

  /**
   * The largest threshold at which at most a share of the detected pairs of two people is accepted,
   * and the share of pairs of one person it accepts (TAR).
   *
   * @param falseAcceptRate at least 1 by the number of pairs of two people
   * @return threshold and true accept rate
   * @throws IllegalArgumentException if there are too few pairs for that rate
   */
  public OperatingPoint atFalseAcceptRate(double falseAcceptRate) {
    double[] different =
        Arrays.stream(distances(false, Double.NaN)).filter(d -> !Double.isNaN(d)).toArray();
    if (!(falseAcceptRate * different.length >= 1 && falseAcceptRate < 1)) {
      throw new IllegalArgumentException(
          "a false accept rate of "
              + falseAcceptRate
              + " cannot be measured with "
              + different.length
              + " pairs of two people; use a rate between "
              + 1.0 / different.length
              + " and 1, or more pairs");
    }
    int accepted = (int) Math.floor(falseAcceptRate * different.length);
    double threshold = Math.nextDown(different[accepted]);
    double[] same = distances(true, Double.POSITIVE_INFINITY);
    double accept = (double) Arrays.stream(same).filter(d -> d <= threshold).count() / same.length;
    return new OperatingPoint(threshold, falseAcceptRate, accept);
  }

  /**
   * A point of the ROC curve.
   *
   * @param threshold L2 distance
   * @param falseAcceptRate share of pairs of two people accepted at most
   * @param trueAcceptRate share of pairs of one person accepted
   */
  public record OperatingPoint(double threshold, double falseAcceptRate, double trueAcceptRate) {}

  private double[] distances(boolean same, double undetected) {
    return outcomes.stream()
        .filter(o -> o.same() == same)
        .mapToDouble(o -> Double.isNaN(o.distance()) ? undetected : o.distance())
        .sorted()
        .toArray();
  }
}
