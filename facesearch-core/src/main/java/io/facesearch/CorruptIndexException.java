package io.facesearch;

import org.jspecify.annotations.Nullable;

/**
 * An index file is damaged: wrong magic, wrong checksum, truncated, or with values that cannot be.
 */
public class CorruptIndexException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public CorruptIndexException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   * @param cause the underlying failure
   */
  public CorruptIndexException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
