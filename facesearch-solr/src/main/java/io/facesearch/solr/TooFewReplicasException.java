package io.facesearch.solr;

import io.facesearch.IndexWriteException;
import org.jspecify.annotations.Nullable;

/**
 * A change did not reach as many replicas as {@link SolrStorage.Builder#minReplicas} requires or,
 * when somebody is to be forgotten, did not reach all of them.
 */
public class TooFewReplicasException extends IndexWriteException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what is wrong, where, and how to fix it
   * @param cause thrown by SolrJ, or null
   */
  public TooFewReplicasException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
