package io.facesearch.solr;

import io.facesearch.IndexWriteException;
import org.jspecify.annotations.Nullable;

/**
 * A change did not reach as many replicas as {@link SolrStorage.Builder#minReplicas} asks for, or,
 * when somebody is to be forgotten, not all of them.
 */
public class TooFewReplicasException extends IndexWriteException {
  private static final long serialVersionUID = 1L;

  /**
   * With a message.
   *
   * @param message what, where, and how to mend it
   * @param cause of Solr, or null
   */
  public TooFewReplicasException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
