package io.facesearch.spi;

import io.facesearch.FaceEmbedder;
import io.facesearch.FaceSearchException;
import java.io.IOException;
import java.nio.file.Path;

/** Found by {@link java.util.ServiceLoader}: opens embedding models in files. */
@FunctionalInterface
public interface ModelFileProvider {
  /**
   * Makes an embedder of a model in a file.
   *
   * @param model the file
   * @return a new embedder that the caller closes
   * @throws IOException if the file cannot be read
   * @throws FaceSearchException if it is damaged, or no model this provider knows
   */
  FaceEmbedder openEmbedder(Path model) throws IOException;
}
