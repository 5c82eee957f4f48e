package io.facesearch;

import org.jspecify.annotations.Nullable;

/**
 * Root of all exceptions that facesearch throws on purpose. Unchecked; methods that touch files
 * also declare {@link java.io.IOException} for failures of the file system itself.
 */
public class FaceSearchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public FaceSearchException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   * @param cause the underlying failure
   */
  public FaceSearchException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
