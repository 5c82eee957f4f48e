package io.facesearch;

import org.jspecify.annotations.Nullable;

/**
 * An index could not be written, for instance because the disk is full. What was stored before is
 * intact.
 */
public class IndexWriteException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public IndexWriteException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   * @param cause the underlying failure
   */
  public IndexWriteException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
