/**
 * The vocabulary of facesearch, its extension points, and {@code FaceSearch.open}, the pipeline
 * from photo to matches.
 */
package io.facesearch;
