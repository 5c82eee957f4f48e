package io.facesearch.spi;

import io.facesearch.FaceEmbedder;
import io.facesearch.FaceSearchException;
import java.io.IOException;
import java.nio.file.Path;

/** Opens embedding models in files; found by {@link java.util.ServiceLoader}. */
@FunctionalInterface
public interface ModelFileProvider {
  /**
   * Opens the model in a file.
   *
   * @param model the file
   * @return a new embedder; the caller closes it
   * @throws IOException if the file cannot be read
   * @throws FaceSearchException if the file is damaged, or not a model that this provider supports
   */
  FaceEmbedder openEmbedder(Path model) throws IOException;
}
