package io.facesearch.solr;

import io.facesearch.GalleryUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * A part of the collection did not respond within {@link SolrStorage.Builder#patience}. Results of
 * the other shards alone are not returned, since they would be incomplete.
 */
public class ShardsMissingException extends GalleryUnavailableException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what is wrong, where, and how to fix it
   * @param cause thrown by SolrJ, or null
   */
  public ShardsMissingException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
