/**
 * The vocabulary of facesearch, its extension points, and {@code Gallery}, the pipeline from photo
 * to matches.
 */
package io.facesearch;
