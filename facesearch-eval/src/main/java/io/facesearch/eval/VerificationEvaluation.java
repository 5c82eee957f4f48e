package io.facesearch.eval;

import io.facesearch.Rate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Evaluates verification by the protocol of LFW: the pairs are divided into folds, and the
 * threshold for each fold is the one with the best accuracy on the other folds. A pair in which a
 * face was not detected counts as an error, whatever it shows. Immutable and thread-safe.
 *
 * <p>Confidence intervals are 95 %: the wider one of the exact interval of Clopper and Pearson,
 * which treats pairs as independent, and, if the people are known, that of a bootstrap that draws
 * people.
 */
public final class VerificationEvaluation {
  /**
   * The outcome of one pair.
   *
   * @param distance L2 distance, or NaN if a face was not detected
   * @param same true if both photos show the same person
   * @param fold the fold of the protocol, from 0; -1 if there is none
   * @param first the person in the first photo; empty if unknown
   * @param second the person in the second photo; empty if unknown
   */
  public record Outcome(double distance, boolean same, int fold, String first, String second) {

    /** Checks that no component is null. */
    public Outcome {
      Objects.requireNonNull(first, "first");
      Objects.requireNonNull(second, "second");
      if (distance < 0) {
        throw new IllegalArgumentException("a distance must be 0 or more, but is: " + distance);
      }
    }

    /**
     * Creates an outcome without fold and people.
     *
     * @param distance L2 distance, or NaN if a face was not detected
     * @param same true if both photos show the same person
     */
    public Outcome(double distance, boolean same) {
      this(distance, same, -1, "", "");
    }
  }

  /**
   * Accuracy over the folds.
   *
   * @param mean share of right decisions, 0 to 1
   * @param standardError standard deviation of the folds' accuracies, divided by the square root of
   *     their number
   * @param threshold mean of the folds' thresholds, L2 distance
   */
  public record Accuracy(double mean, double standardError, double threshold) {}

  private final List<Outcome> outcomes;
  private final PairSet pairs;

  private VerificationEvaluation(List<Outcome> outcomes) {
    this.outcomes = List.copyOf(outcomes);
    pairs = PairSet.of(this.outcomes);
  }

  /**
   * Creates an evaluation.
   *
   * @param outcomes the outcomes of all pairs, in the order of the protocol's file
   * @return the evaluation
   * @throws IllegalArgumentException if there are no pairs of one person, or no pairs of two people
   *     in which both faces were detected
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
    if (outcomes.stream().allMatch(o -> o.same() || Double.isNaN(o.distance()))) {
      throw new IllegalArgumentException(
          "a face is undetected in all " + (outcomes.size() - same) + " pairs of two people");
    }
    return new VerificationEvaluation(outcomes);
  }

  /** {@return the outcomes, as given} */
  public List<Outcome> outcomes() {
    return outcomes;
  }

  /** {@return the share of pairs in which both faces were detected} */
  public double detectedShare() {
    return (double) outcomes.stream().filter(o -> !Double.isNaN(o.distance())).count()
        / outcomes.size();
  }

  /**
   * Computes the cross-validated accuracy. Outcomes that have a fold stay in it, and their number
   * of folds must be the given one; otherwise the pairs of each kind are distributed over the folds
   * in turn.
   *
   * @param folds 2 to the number of pairs of the less frequent kind; LFW uses 10
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
    if (outcomes.stream().allMatch(o -> o.fold() >= 0)) {
      int given = 1 + outcomes.stream().mapToInt(Outcome::fold).max().orElseThrow();
      if (given != folds) {
        throw new IllegalArgumentException(
            "the outcomes carry " + given + " folds, so folds must be that, but is: " + folds);
      }
      foldOf = outcomes.stream().mapToInt(Outcome::fold).toArray();
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
   * Computes the area under the ROC curve: the probability that a pair of one person is nearer than
   * a pair of two people, where ties count half. A pair with an undetected face counts as ranked in
   * the worst way.
   *
   * @return 0 to 1
   */
  public double rocArea() {
    double[] different = distances(false, Double.NEGATIVE_INFINITY);
    double wins = 0;
    for (double s : distances(true, Double.POSITIVE_INFINITY)) {
      int nearer = lowerBound(different, s);
      int notFarther = lowerBound(different, Math.nextUp(s));
      wins += different.length - notFarther + 0.5 * (notFarther - nearer);
    }
    return wins / ((double) pairs.sameCount() * different.length);
  }

  private static int lowerBound(double[] sorted, double value) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int mid = (low + high) >>> 1;
      if (sorted[mid] < value) {
        low = mid + 1;
      } else {
        high = mid;
      }
    }
    return low;
  }

  /**
   * A point of the ROC curve.
   *
   * @param threshold L2 distance
   * @param falseAcceptRate share of detected pairs of two people accepted
   * @param trueAcceptRate share of pairs of one person accepted (TAR)
   */
  public record OperatingPoint(double threshold, double falseAcceptRate, double trueAcceptRate) {}

  /**
   * Computes the ROC curve, with a point at each distance at which something changes.
   *
   * @return the points by increasing threshold; the first one accepts nothing
   */
  public List<OperatingPoint> roc() {
    List<OperatingPoint> points = new ArrayList<>();
    points.add(new OperatingPoint(0, 0, 0));
    int s = 0;
    int d = 0;
    while (s < pairs.sameCount() || d < pairs.differentCount()) {
      double threshold =
          Math.min(
              s < pairs.sameCount() ? pairs.same(s) : Double.POSITIVE_INFINITY,
              d < pairs.differentCount() ? pairs.different(d) : Double.POSITIVE_INFINITY);
      if (Double.isInfinite(threshold)) {
        break;
      }
      s = pairs.trueAccepts(threshold);
      d = pairs.falseAccepts(threshold);
      points.add(
          new OperatingPoint(
              threshold, (double) d / pairs.differentCount(), (double) s / pairs.sameCount()));
    }
    return points;
  }

  /**
   * Finds the equal error rate, at which the false accept rate equals the false reject rate: the
   * smallest mean of the two rates over the points of the curve at which they cross.
   *
   * @return the rates and the threshold
   */
  public OperatingPoint equalErrorRate() {
    OperatingPoint before = null;
    for (OperatingPoint point : roc()) {
      double miss = 1 - point.trueAcceptRate();
      if (point.falseAcceptRate() >= miss) {
        if (before == null) {
          return point;
        }
        // Linear between the points on both sides of the crossing.
        double a = 1 - before.trueAcceptRate() - before.falseAcceptRate();
        double b = miss - point.falseAcceptRate();
        double share = a == b ? 1 : a / (a - b);
        double rate =
            before.falseAcceptRate() + share * (point.falseAcceptRate() - before.falseAcceptRate());
        return new OperatingPoint(point.threshold(), rate, 1 - rate);
      }
      before = point;
    }
    // More undetected pairs of one person than any threshold can make up for.
    double miss = before == null ? 1 : 1 - before.trueAcceptRate();
    return new OperatingPoint(before == null ? 0 : before.threshold(), miss, 1 - miss);
  }

  /**
   * The result at a wanted false accept rate.
   *
   * @param threshold L2 distance, the largest that keeps the rate
   * @param wanted the wanted false accept rate
   * @param falseAccept the rate at the threshold, with its interval
   * @param trueAccept share of pairs of one person accepted (TAR), with its interval
   * @param falseAccepts how many pairs of two people are accepted
   * @param precise true if those are 30 or more, so that the rate is known to within about 30 %
   */
  public record Claim(
      double threshold,
      double wanted,
      Rate falseAccept,
      Rate trueAccept,
      int falseAccepts,
      boolean precise) {}

  /**
   * Finds the largest threshold at which at most a given share of the detected pairs of two people
   * is accepted, and the share of pairs of one person that it accepts. Undetected pairs of one
   * person count as rejected.
   *
   * @param falseAcceptRate at least 3 divided by the number of detected pairs of two people
   * @return the result
   * @throws IllegalArgumentException if there are too few pairs for that rate
   */
  public Claim atFalseAcceptRate(double falseAcceptRate) {
    double threshold = pairs.thresholdAt(falseAcceptRate);
    int accepts = pairs.falseAccepts(threshold);
    return new Claim(
        threshold,
        falseAcceptRate,
        pairs.falseAccept(threshold),
        pairs.trueAccept(threshold),
        accepts,
        falseAcceptRate * pairs.differentCount() >= PairSet.RULE_OF_THIRTY);
  }

  private double[] distances(boolean same, double undetected) {
    return outcomes.stream()
        .filter(o -> o.same() == same)
        .mapToDouble(o -> Double.isNaN(o.distance()) ? undetected : o.distance())
        .sorted()
        .toArray();
  }
}
