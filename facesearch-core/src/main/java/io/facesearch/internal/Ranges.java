package io.facesearch.internal;

/** Checks of settings. */
public final class Ranges {
  private Ranges() {}

  /**
   * Checks a setting.
   *
   * @param name of the setting
   * @param value of the setting
   * @param min least value
   * @param max most
   * @return the value
   * @throws IllegalArgumentException if it is not from least to most
   */
  public static double check(String name, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw new IllegalArgumentException(
          name
              + " must be between "
              + plain(min)
              + " and "
              + plain(max)
              + ", but is: "
              + plain(value));
    }
    return value;
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
