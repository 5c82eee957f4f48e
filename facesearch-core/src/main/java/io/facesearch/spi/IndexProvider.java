package io.facesearch.spi;

import io.facesearch.FaceIndex;
import io.facesearch.FaceSearchException;
import java.io.IOException;
import java.nio.file.Path;

/** Found by {@link java.util.ServiceLoader}: the index of a gallery in memory, and of files. */
public interface IndexProvider {
  /** {@return a new, empty index in memory} */
  FaceIndex newIndex();

  /**
   * Reads an index from a file.
   *
   * @param file a snapshot of an index
   * @return the index, in memory
   * @throws io.facesearch.CorruptIndexException if the file is damaged, or none
   * @throws io.facesearch.IndexVersionException if this release does not read its version
   * @throws FaceSearchException by default: the index has no files
   * @throws IOException if the file cannot be read
   */
  default FaceIndex load(Path file) throws IOException {
    throw new FaceSearchException(
        file + " cannot be opened: the index that is on the class path has no files");
  }
}
