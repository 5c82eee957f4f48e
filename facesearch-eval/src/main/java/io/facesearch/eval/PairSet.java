package io.facesearch.eval;

import io.facesearch.Rate;
import io.facesearch.eval.VerificationEvaluation.Outcome;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Distances of pairs, sorted, with the people in them. Intervals come from a bootstrap that draws
 * people: a pair of two people counts as often as one was drawn times the other. Pairs that share a
 * person are not independent, so drawing pairs would give intervals that are too narrow.
 *
 * <p>Rule of three: no rate is claimed below 3 expected errors. Rule of thirty: with 30 errors, the
 * true rate is within 30 % of the measured one, at 90 % confidence.
 *
 * @see <a href="https://doi.org/10.1016/S0167-6393(99)00080-1">Doddington et al., The NIST speaker
 *     recognition evaluation, Speech Communication 2000 (rule of 30)</a>
 * @see <a href="https://doi.org/10.1016/j.cviu.2003.08.002">Bolle et al., Error analysis of pattern
 *     recognition systems: the subsets bootstrap, CVIU 2004</a>
 */
final class PairSet {
  static final int RULE_OF_THREE = 3;
  static final int RULE_OF_THIRTY = 30;
  private static final int REPLICATES = 400;
  private static final long SEED = 42;

  /** Undetected faces are at infinity. */
  private final double[] same;

  private final int[] samePerson;
  private final double[] different;
  private final int[] first;
  private final int[] second;
  private final int people;

  /** Empty where the people of some pair are not known. */
  private int[][] drawn = {};

  private double[] sameTotal = {};
  private double[] differentTotal = {};

  /** The arrays are taken over; distances of different people are finite. */
  PairSet(
      double[] same,
      int[] samePerson,
      double[] different,
      int[] first,
      int[] second,
      int people,
      boolean peopleKnown) {
    int[] a = order(same);
    this.same = pick(same, a);
    this.samePerson = pick(samePerson, a);
    int[] b = order(different);
    this.different = pick(different, b);
    this.first = pick(first, b);
    this.second = pick(second, b);
    this.people = people;
    if (peopleKnown) {
      bootstrap();
    }
  }

  static PairSet of(List<Outcome> outcomes) {
    Map<String, Integer> people = new HashMap<>();
    List<Outcome> s = outcomes.stream().filter(Outcome::same).toList();
    List<Outcome> d =
        outcomes.stream().filter(o -> !o.same() && !Double.isNaN(o.distance())).toList();
    boolean known = outcomes.stream().noneMatch(o -> o.first().isEmpty() || o.second().isEmpty());
    return new PairSet(
        s.stream()
            .mapToDouble(o -> Double.isNaN(o.distance()) ? Double.POSITIVE_INFINITY : o.distance())
            .toArray(),
        s.stream().mapToInt(o -> number(people, o.first())).toArray(),
        d.stream().mapToDouble(Outcome::distance).toArray(),
        d.stream().mapToInt(o -> number(people, o.first())).toArray(),
        d.stream().mapToInt(o -> number(people, o.second())).toArray(),
        people.size(),
        known);
  }

  private static int number(Map<String, Integer> people, String person) {
    Integer number = people.putIfAbsent(person, people.size());
    return number == null ? people.size() - 1 : number;
  }

  private static int[] order(double[] distances) {
    return IntStream.range(0, distances.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> distances[i]))
        .mapToInt(i -> i)
        .toArray();
  }

  private static double[] pick(double[] values, int[] order) {
    return Arrays.stream(order).mapToDouble(i -> values[i]).toArray();
  }

  private static int[] pick(int[] values, int[] order) {
    return Arrays.stream(order).map(i -> values[i]).toArray();
  }

  private void bootstrap() {
    Random random = new Random(SEED);
    drawn = new int[REPLICATES][];
    sameTotal = new double[REPLICATES];
    differentTotal = new double[REPLICATES];
    for (int r = 0; r < REPLICATES; r++) {
      drawn[r] = Intervals.draw(people, random);
      sameTotal[r] = sameWeight(r, 0, same.length);
      differentTotal[r] = differentWeight(r, different.length);
    }
  }

  private double sameWeight(int r, int from, int to) {
    long sum = 0;
    for (int i = from; i < to; i++) {
      sum += drawn[r][samePerson[i]];
    }
    return sum;
  }

  private double differentWeight(int r, int count) {
    int[] w = drawn[r];
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += (long) w[first[i]] * w[second[i]];
    }
    return sum;
  }

  int sameCount() {
    return same.length;
  }

  int differentCount() {
    return different.length;
  }

  int people() {
    return people;
  }

  double same(int i) {
    return same[i];
  }

  double different(int i) {
    return different[i];
  }

  /** How many of the sorted distances are at most a threshold. */
  private static int atMost(double[] sorted, double threshold) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int mid = (low + high) >>> 1;
      if (sorted[mid] <= threshold) {
        low = mid + 1;
      } else {
        high = mid;
      }
    }
    return low;
  }

  int falseAccepts(double threshold) {
    return atMost(different, threshold);
  }

  int trueAccepts(double threshold) {
    return atMost(same, threshold);
  }

  /** Share of pairs of two people at most a threshold apart. */
  Rate falseAccept(double threshold) {
    int accepted = falseAccepts(threshold);
    Rate exact = Intervals.clopperPearson(accepted, different.length);
    if (drawn.length == 0) {
      return exact;
    }
    double[] replicates = new double[REPLICATES];
    for (int r = 0; r < REPLICATES; r++) {
      replicates[r] = differentWeight(r, accepted) / differentTotal[r];
    }
    return Intervals.wider(exact, Intervals.percentiles(exact.value(), replicates));
  }

  /**
   * The false accept rate to be expected of as many other people, whose sampling error comes on top
   * of ours: the ratio of two independent replicates spreads as theirs to ours does.
   */
  Rate predictedFalseAccept(double threshold) {
    Rate measured = falseAccept(threshold);
    if (drawn.length == 0 || measured.value() == 0) {
      return measured;
    }
    int accepted = falseAccepts(threshold);
    double[] replicates = new double[REPLICATES];
    double[] logs = new double[REPLICATES];
    for (int r = 0; r < REPLICATES; r++) {
      logs[r] = Math.log(differentWeight(r, accepted) / differentTotal[r]);
    }
    Random random = new Random(SEED);
    for (int r = 0; r < REPLICATES; r++) {
      double ratio = logs[r] - logs[random.nextInt(REPLICATES)];
      replicates[r] = measured.value() * Math.exp(ratio);
    }
    return Intervals.wider(measured, Intervals.percentiles(measured.value(), replicates));
  }

  /** Share of pairs of one person at most a threshold apart. */
  Rate trueAccept(double threshold) {
    int accepted = trueAccepts(threshold);
    Rate exact = Intervals.clopperPearson(accepted, same.length);
    if (drawn.length == 0) {
      return exact;
    }
    double[] replicates = new double[REPLICATES];
    for (int r = 0; r < REPLICATES; r++) {
      replicates[r] = sameWeight(r, 0, accepted) / sameTotal[r];
    }
    return Intervals.wider(exact, Intervals.percentiles(exact.value(), replicates));
  }

  Rate falseReject(double threshold) {
    Rate accept = trueAccept(threshold);
    return Intervals.rate(1 - accept.value(), 1 - accept.high(), 1 - accept.low());
  }

  /** The largest threshold at which at most a share of the pairs of two people is accepted. */
  double thresholdAt(double falseAcceptRate) {
    requireEnough(falseAcceptRate, different.length, "pairs of two people", "false accept rate");
    int accepted = (int) Math.floor(falseAcceptRate * different.length);
    return Math.nextDown(different[accepted]);
  }

  static void requireEnough(double rate, long trials, String what, String rateName) {
    if (!(rate > 0 && rate < 1)) {
      throw new IllegalArgumentException(
          "a " + rateName + " must be between 0 and 1, but is: " + rate);
    }
    // A rate such as 0.3 has no exact double, so 3 errors may come out a little below.
    if (rate * trials < RULE_OF_THREE - 1e-9) {
      throw new IllegalArgumentException(
          "a "
              + rateName
              + " of "
              + rate
              + " cannot be measured with "
              + trials
              + " "
              + what
              + ": at least 3 errors must be expected; use "
              + (double) RULE_OF_THREE / trials
              + " or more, or at least "
              + (long) Math.ceil(RULE_OF_THREE / rate - 1e-9)
              + " "
              + what);
    }
  }

  /** The least distance beyond which at most a share of the pairs of one person lies. */
  double distanceBeyondWhichLies(double falseRejectRate) {
    int beyond = (int) Math.floor(falseRejectRate * same.length);
    return same[same.length - 1 - beyond];
  }
}
