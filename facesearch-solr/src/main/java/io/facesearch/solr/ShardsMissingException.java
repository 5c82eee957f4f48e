package io.facesearch.solr;

import io.facesearch.GalleryUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * A part of the collection answered nobody within the time that {@link
 * SolrStorage.Builder#patience} gives: what the others would have answered is not passed off as the
 * whole.
 */
public class ShardsMissingException extends GalleryUnavailableException {
  private static final long serialVersionUID = 1L;

  /**
   * With a message.
   *
   * @param message what, where, and how to mend it
   * @param cause of Solr, or null
   */
  public ShardsMissingException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
