/**
 * The vocabulary of facesearch, its extension points, and {@code Gallery}, the pipeline from photo
 * to matches.
 */
@NullMarked
package io.facesearch;

import org.jspecify.annotations.NullMarked;
