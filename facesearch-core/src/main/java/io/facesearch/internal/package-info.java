/**
 * How facesearch keeps files that hold faces: for its own modules only, not part of the public
 * interface, and it may change at any time.
 */
@NullMarked
package io.facesearch.internal;

import org.jspecify.annotations.NullMarked;
