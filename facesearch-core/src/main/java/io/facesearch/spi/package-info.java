/**
 * Interfaces for plug-ins: providers that modules offer through {@link java.util.ServiceLoader},
 * and storages of galleries.
 */
@NullMarked
package io.facesearch.spi;

import org.jspecify.annotations.NullMarked;
