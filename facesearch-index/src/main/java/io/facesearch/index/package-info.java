/**
 * Exact nearest-neighbor indexes: {@link io.facesearch.index.SigmoidTreeIndex} and the plain scan
 * {@link io.facesearch.index.FlatIndex}, which give identical results to the last bit, and their
 * file format.
 */
@NullMarked
package io.facesearch.index;

import org.jspecify.annotations.NullMarked;
