package io.facesearch.spi;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Provides the storage that {@code Gallery.open} uses; found by {@link java.util.ServiceLoader}.
 */
@FunctionalInterface
public interface StorageProvider {
  /**
   * Opens the storage in a folder, or creates one there.
   *
   * @param folder created if it does not exist
   * @param settings how to open it
   * @return the storage, to be closed by the caller
   * @throws IOException if a file cannot be read or written
   */
  GalleryStorage open(Path folder, StorageSettings settings) throws IOException;
}
