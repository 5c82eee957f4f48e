/** Evaluation by the field's protocols. */
package io.facesearch.eval;
