/** Factories that a module offers through {@link java.util.ServiceLoader}. */
@NullMarked
package io.facesearch.spi;

import org.jspecify.annotations.NullMarked;
