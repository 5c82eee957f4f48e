package io.facesearch.solr;

import io.facesearch.FaceSearchException;
import org.jspecify.annotations.Nullable;

/**
 * At none of the addresses that were given is a SolrCloud with the collection: there is no such
 * host, nothing listens, something else answers, or there is no such collection. It is thrown at
 * once; only a cluster that has answered before is waited for.
 */
public class SolrNotFoundException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * With a message.
   *
   * @param message what, where, and how to mend it
   * @param cause of the last address, or null
   */
  public SolrNotFoundException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
