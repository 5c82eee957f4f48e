package io.facesearch.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that is run many times with random arguments, each marked by {@link ForAll}. The instance
 * is the same for all. A failure names the arguments and the {@link #seed} that begins with them.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(PropertyExtension.class)
public @interface Property {
  /** How many times. */
  int tries() default 1000;

  /** Of the first try, the next one has the next seed; 0 for another one in each run. */
  long seed() default 0;
}
