package io.facesearch;

import java.util.Objects;

/** The value of a tag of a face: a text or a number. Immutable and thread-safe. */
public sealed interface TagValue {
  /**
   * A text.
   *
   * @param value any text; may be empty
   */
  record Text(String value) implements TagValue {
    /** Checks that it is not null. */
    public Text {
      Objects.requireNonNull(value, "value");
    }

    @Override
    public String toString() {
      return value;
    }
  }

  /**
   * A number. −0 becomes 0, so that equal numbers are equal values.
   *
   * @param value finite
   */
  record Numeric(double value) implements TagValue {
    /** Checks that it is finite. */
    public Numeric {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("the number of a tag must be finite, but is: " + value);
      }
      value += 0.0;
    }

    @Override
    public String toString() {
      return value == Math.rint(value) && Math.abs(value) < 1L << 53
          ? Long.toString((long) value)
          : Double.toString(value);
    }
  }

  /**
   * Creates a text value.
   *
   * @param value any text
   * @return the value
   */
  static TagValue of(String value) {
    return new Text(value);
  }

  /**
   * Creates a numeric value.
   *
   * @param value finite
   * @return the value
   */
  static TagValue of(double value) {
    return new Numeric(value);
  }
}
