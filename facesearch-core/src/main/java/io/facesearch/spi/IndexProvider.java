package io.facesearch.spi;

import io.facesearch.FaceIndex;
import io.facesearch.FaceSearchException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Provides the index of galleries in memory and of index files; found by {@link
 * java.util.ServiceLoader}.
 */
public interface IndexProvider {
  /** {@return a new, empty index in memory} */
  FaceIndex newIndex();

  /**
   * Reads an index from a file.
   *
   * @param file a snapshot of an index
   * @return the index, in memory
   * @throws io.facesearch.CorruptIndexException if the file is damaged or not an index file
   * @throws io.facesearch.IndexVersionException if this release does not read its version
   * @throws FaceSearchException by default, if the provider does not support files
   * @throws IOException if the file cannot be read
   */
  default FaceIndex load(Path file) throws IOException {
    throw new FaceSearchException(
        file + " cannot be opened: the index that is on the class path has no files");
  }
}
