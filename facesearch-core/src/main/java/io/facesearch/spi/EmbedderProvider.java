package io.facesearch.spi;

import io.facesearch.FaceEmbedder;
import io.facesearch.FaceSearchException;
import java.io.IOException;
import java.nio.file.Path;

/** Found by {@link java.util.ServiceLoader}: the embedder that {@code FaceSearch.open} uses. */
@FunctionalInterface
public interface EmbedderProvider {
  /**
   * Makes the embedder.
   *
   * @return a new embedder that the caller closes
   */
  FaceEmbedder newEmbedder();

  /**
   * Makes an embedder of a model in a file.
   *
   * @param model the file
   * @return a new embedder that the caller closes
   * @throws IOException if the file cannot be read
   * @throws FaceSearchException if it is damaged, or no model this provider knows
   */
  default FaceEmbedder openEmbedder(Path model) throws IOException {
    throw new FaceSearchException(
        getClass().getName() + " opens no model files; give FaceSearch.builder() an embedder");
  }
}
