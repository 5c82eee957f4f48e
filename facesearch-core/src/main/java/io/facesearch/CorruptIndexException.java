package io.facesearch;

import org.jspecify.annotations.Nullable;

/**
 * An index file is damaged: wrong magic number, wrong checksum, truncated, or containing impossible
 * values.
 */
public class CorruptIndexException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public CorruptIndexException(String message) {
    super(message);
  }

  /** Creates the exception with its cause; the message says what is wrong and how to fix it. */
  public CorruptIndexException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
