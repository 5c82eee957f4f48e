/** Exact search by facesearch's codes as a vector format of Lucene. */
@NullMarked
package io.facesearch.lucene;

import org.jspecify.annotations.NullMarked;
