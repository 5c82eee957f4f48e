/**
 * Evaluation of verification, identification and retrieval by standard protocols, and calibration
 * of thresholds.
 */
@NullMarked
package io.facesearch.eval;

import org.jspecify.annotations.NullMarked;
