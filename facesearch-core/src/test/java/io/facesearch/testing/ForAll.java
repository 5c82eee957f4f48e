package io.facesearch.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An argument of a {@link Property}. One in eight is a special one: the least, the greatest, 0, 1
 * or -1, where these are allowed.
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
public @interface ForAll {
  /** A method of the test, from {@code java.util.Random} to the argument; none for its type. */
  String value() default "";
}
