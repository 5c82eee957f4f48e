/** Factories that a module offers through {@link java.util.ServiceLoader}. */
package io.facesearch.spi;
