package io.facesearch.spi;

import io.facesearch.FaceIndex;

/** Found by {@link java.util.ServiceLoader}: the index that {@code FaceSearch.open} uses. */
public interface IndexProvider {
  /**
   * Makes an index.
   *
   * @return a new, empty index in memory
   */
  FaceIndex newIndex();
}
