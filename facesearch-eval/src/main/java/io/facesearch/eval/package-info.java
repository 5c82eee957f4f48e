/** Evaluation by the field's protocols. */
@NullMarked
package io.facesearch.eval;

import org.jspecify.annotations.NullMarked;
