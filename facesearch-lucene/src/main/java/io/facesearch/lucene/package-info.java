/** Exact vector search for Lucene, as a vector format. */
@NullMarked
package io.facesearch.lucene;

import org.jspecify.annotations.NullMarked;
