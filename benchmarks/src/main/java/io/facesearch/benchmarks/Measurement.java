package io.facesearch.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * One row of the table that {@link IndexPeers} prints.
 *
 * @param name the library; then {@code ", ef N"} or another setting where it is measured at several
 * @param buildSeconds time to build the index
 * @param median microseconds a query, the median of the rounds
 * @param quiet microseconds a query, the mean over the queries of the least time of each over the
 *     rounds: on a machine that others use too it leaves out the time that they took
 * @param recall share of the k nearest that were found
 */
record Measurement(String name, double buildSeconds, double median, double quiet, double recall) {
  private static final long WARM_UP_NANOS = 2_000_000_000L;

  /**
   * Measures a search, one query after the other.
   *
   * @param search searches for query number i
   * @param ids reads the answer; its time does not count
   * @param truth the right answers, one row a query
   */
  static <T> Measurement of(
      String name,
      double buildSeconds,
      int rounds,
      IntFunction<T> search,
      Function<T, int[]> ids,
      int[][] truth) {
    Object[] found = new Object[truth.length];
    long end = System.nanoTime() + WARM_UP_NANOS;
    while (System.nanoTime() < end) {
      for (int q = 0; q < truth.length; q++) {
        found[q] = search.apply(q);
      }
    }
    double[] means = new double[rounds];
    double[] least = new double[truth.length];
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    int[][] answers = new int[truth.length][];
    for (int round = 0; round < rounds; round++) {
      for (int q = 0; q < truth.length; q++) {
        long start = System.nanoTime();
        T result = search.apply(q);
        double time = (System.nanoTime() - start) / 1e3;
        means[round] += time / truth.length;
        least[q] = Math.min(least[q], time);
        found[q] = result;
        if (round == 0) {
          answers[q] = ids.apply(result);
        }
      }
    }
    Arrays.sort(means);
    return new Measurement(
        name,
        buildSeconds,
        means[rounds / 2],
        Arrays.stream(least).average().orElseThrow(),
        recall(answers, truth));
  }

  /** The mean over the queries of the share of the right answers that were found. */
  static double recall(int[][] found, int[][] truth) {
    double sum = 0;
    for (int q = 0; q < truth.length; q++) {
      int[] ids = found[q].clone();
      Arrays.sort(ids);
      long right = Arrays.stream(truth[q]).filter(id -> Arrays.binarySearch(ids, id) >= 0).count();
      sum += right / (double) truth[q].length;
    }
    return sum / truth.length;
  }

  /** The line that a peer prints; {@link #parse} reads it. */
  String line() {
    return String.format(
        Locale.ROOT, "%s\t%.3f\t%.2f\t%.2f\t%.4f", name, buildSeconds, median, quiet, recall);
  }

  /**
   * Reads what a peer printed.
   *
   * @throws IllegalArgumentException if the line is not of that form
   */
  static Measurement parse(String line) {
    String[] fields = line.split("\t", -1);
    if (fields.length != 5) {
      throw new IllegalArgumentException(
          "a peer must print name, build seconds, median, quiet time and recall, parted by tabs,"
              + " but printed: "
              + line);
    }
    return new Measurement(
        fields[0],
        Double.parseDouble(fields[1]),
        Double.parseDouble(fields[2]),
        Double.parseDouble(fields[3]),
        Double.parseDouble(fields[4]));
  }
}
