package io.facesearch.eval;

import io.facesearch.Rate;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import org.apache.commons.statistics.distribution.BetaDistribution;

/** 95 % confidence intervals. */
final class Intervals {
  static final double ALPHA = 0.05;

  /** Replicates: enough that the ends of an interval wobble by less than a tenth of its width. */
  static final int REPLICATES = 1000;

  private Intervals() {}

  /**
   * The exact interval of a share of independent trials.
   *
   * @see <a href="https://doi.org/10.1093/biomet/26.4.404">Clopper and Pearson, Biometrika 1934</a>
   */
  static Rate clopperPearson(long hits, long trials) {
    double low =
        hits == 0
            ? 0
            : BetaDistribution.of(hits, trials - hits + 1).inverseCumulativeProbability(ALPHA / 2);
    double high =
        hits == trials
            ? 1
            : BetaDistribution.of(hits + 1, trials - hits)
                .inverseCumulativeProbability(1 - ALPHA / 2);
    return rate((double) hits / trials, low, high);
  }

  /** The ends are widened to hold the value, as percentiles of replicates need not. */
  static Rate rate(double value, double low, double high) {
    double v = Math.min(1, Math.max(0, value));
    return new Rate(v, Math.max(0, Math.min(low, v)), Math.min(1, Math.max(high, v)));
  }

  static Rate wider(Rate a, Rate b) {
    return new Rate(a.value(), Math.min(a.low(), b.low()), Math.max(a.high(), b.high()));
  }

  /** The 2.5 % and 97.5 % percentiles around a value; NaN replicates are passed over. */
  static Rate percentiles(double value, double[] replicates) {
    double[] sorted = Arrays.stream(replicates).filter(r -> !Double.isNaN(r)).sorted().toArray();
    if (sorted.length == 0) {
      return rate(value, 0, 1);
    }
    return rate(value, quantile(sorted, ALPHA / 2), quantile(sorted, 1 - ALPHA / 2));
  }

  /** Linear between the order statistics, as numpy's default. */
  static double quantile(double[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int i = (int) Math.floor(at);
    int j = Math.min(sorted.length - 1, i + 1);
    return sorted[i] + (at - i) * (sorted[j] - sorted[i]);
  }

  /** How often each of n people is drawn when n are drawn with replacement. */
  static int[] draw(int n, Random random) {
    int[] count = new int[n];
    for (int i = 0; i < n; i++) {
      count[random.nextInt(n)]++;
    }
    return count;
  }

  /**
   * The mean of values in clusters, with the percentile interval of a bootstrap that draws
   * clusters.
   *
   * @param sums sum of the values of each cluster
   * @param counts number of values of each cluster
   */
  static Rate clusterMean(double[] sums, int[] counts, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] replicates = new double[REPLICATES];
    for (int r = 0; r < REPLICATES; r++) {
      double sum = 0;
      long count = 0;
      for (int i = 0; i < sums.length; i++) {
        int c = random.nextInt(sums.length);
        sum += sums[c];
        count += counts[c];
      }
      replicates[r] = count == 0 ? Double.NaN : sum / count;
    }
    return percentiles(Arrays.stream(sums).sum() / Arrays.stream(counts).sum(), replicates);
  }
}
