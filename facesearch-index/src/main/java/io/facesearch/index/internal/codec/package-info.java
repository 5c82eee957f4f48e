/** Faces and numbers as bytes. */
@NullMarked
package io.facesearch.index.internal.codec;

import org.jspecify.annotations.NullMarked;
