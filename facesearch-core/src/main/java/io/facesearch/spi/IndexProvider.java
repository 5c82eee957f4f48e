package io.facesearch.spi;

import io.facesearch.FaceIndex;
import java.io.IOException;
import java.nio.file.Path;

/** Found by {@link java.util.ServiceLoader}: the index of a gallery in memory, and of files. */
public interface IndexProvider {
  /**
   * Makes an index.
   *
   * @return a new, empty index in memory
   */
  FaceIndex newIndex();

  /**
   * Reads an index from a file.
   *
   * @param file a snapshot of an index
   * @return the index, in memory
   * @throws io.facesearch.CorruptIndexException if the file is damaged, or none
   * @throws io.facesearch.IndexVersionException if this release does not read its version
   * @throws IOException if the file cannot be read
   */
  FaceIndex load(Path file) throws IOException;
}
