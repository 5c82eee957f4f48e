/**
 * Decodes image files, and tells them from others: {@link
 * io.facesearch.internal.image.ImageDecoder} is the way in. Not part of the public interface; it
 * may change at any time.
 */
@NullMarked
package io.facesearch.internal.image;

import org.jspecify.annotations.NullMarked;
