package io.facesearch.solr;

import io.facesearch.FaceSearchException;
import org.jspecify.annotations.Nullable;

/**
 * None of the given addresses leads to a SolrCloud with the collection: the host is unknown,
 * nothing listens there, something else responds, or the collection does not exist. It is thrown at
 * once; only a cluster that has responded before is waited for.
 */
public class SolrNotFoundException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what is wrong, where, and how to fix it
   * @param cause the failure at the last address, or null
   */
  public SolrNotFoundException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
