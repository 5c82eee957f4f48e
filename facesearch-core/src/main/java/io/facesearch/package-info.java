/**
 * Faces, vectors and the types around them; the interfaces to plug in; and {@link Gallery}, which
 * goes from a photo to its matches.
 */
@NullMarked
package io.facesearch;

import org.jspecify.annotations.NullMarked;
