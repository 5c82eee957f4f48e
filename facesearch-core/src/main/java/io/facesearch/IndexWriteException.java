package io.facesearch;

import org.jspecify.annotations.Nullable;

/**
 * An index could not be written, for instance because the disk is full. Everything stored earlier
 * is intact.
 */
public class IndexWriteException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public IndexWriteException(String message) {
    super(message);
  }

  /** Creates the exception with its cause; the message says what is wrong and how to fix it. */
  public IndexWriteException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
