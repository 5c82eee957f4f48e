package io.facesearch.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Which numbers an argument may be, both ends included. If all are above 0, one in four is drawn by
 * its logarithm.
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
public @interface DoubleRange {
  /** The least. */
  double min();

  /** The greatest. */
  double max();
}
