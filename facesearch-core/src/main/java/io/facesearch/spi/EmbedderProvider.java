package io.facesearch.spi;

import io.facesearch.FaceEmbedder;

/** Found by {@link java.util.ServiceLoader}: the embedder that {@code FaceSearch.open} uses. */
@FunctionalInterface
public interface EmbedderProvider {
  /**
   * Makes the embedder.
   *
   * @return a new embedder that the caller closes
   */
  FaceEmbedder newEmbedder();
}
