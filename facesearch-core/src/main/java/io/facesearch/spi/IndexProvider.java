package io.facesearch.spi;

import io.facesearch.FaceIndex;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Found by {@link java.util.ServiceLoader}: the index that {@code FaceSearch.open} and {@link
 * FaceIndex#open} use.
 */
public interface IndexProvider {
  /**
   * Makes an index.
   *
   * @return a new, empty index in memory
   */
  FaceIndex newIndex();

  /**
   * Opens an index that lives in a folder.
   *
   * @param folder of the index; made if it does not exist
   * @return the index, to be closed by the caller
   * @throws IOException if a file cannot be read or written
   */
  FaceIndex openIndex(Path folder) throws IOException;
}
