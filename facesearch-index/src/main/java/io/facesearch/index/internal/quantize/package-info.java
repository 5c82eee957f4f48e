/** Codes of vectors and the arithmetic on them. */
@NullMarked
package io.facesearch.index.internal.quantize;

import org.jspecify.annotations.NullMarked;
