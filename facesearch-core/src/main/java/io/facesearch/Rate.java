package io.facesearch;

import java.util.Locale;

/**
 * A measured share with its 95 % confidence interval. Immutable and thread-safe.
 *
 * @param value 0 to 1
 * @param low lower end of the interval, 0 to {@code value}
 * @param high upper end of the interval, {@code value} to 1
 */
public record Rate(double value, double low, double high) {

  /** Checks that 0 &lt;= low &lt;= value &lt;= high &lt;= 1. */
  public Rate {
    if (!(0 <= low && low <= value && value <= high && high <= 1)) {
      throw new IllegalArgumentException(
          "a rate needs 0 <= low <= value <= high <= 1, but is: low="
              + low
              + ", value="
              + value
              + ", high="
              + high);
    }
  }

  /**
   * Returns whether a value lies within the interval.
   *
   * @param other a rate
   * @return true from {@code low} to {@code high}, both inclusive
   */
  public boolean holds(double other) {
    return low <= other && other <= high;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.3g [%.3g, %.3g]", value, low, high);
  }
}
