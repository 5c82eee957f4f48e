package io.facesearch.spi;

import java.io.IOException;
import java.nio.file.Path;

/** Found by {@link java.util.ServiceLoader}: the storage that {@code Gallery.open} uses. */
@FunctionalInterface
public interface StorageProvider {
  /**
   * Opens the storage of a folder, or starts one there.
   *
   * @param folder made if it does not exist
   * @param settings how
   * @return the storage, to be closed by the caller
   * @throws IOException if a file cannot be read or written
   */
  GalleryStorage open(Path folder, StorageSettings settings) throws IOException;
}
