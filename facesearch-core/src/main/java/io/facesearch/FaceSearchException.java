package io.facesearch;

import org.jspecify.annotations.Nullable;

/**
 * The superclass of the exceptions that facesearch defines. Unchecked. Methods that use files also
 * declare {@link java.io.IOException} for failures of the file system itself.
 */
public class FaceSearchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public FaceSearchException(String message) {
    super(message);
  }

  /** Creates the exception with its cause; the message says what is wrong and how to fix it. */
  public FaceSearchException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
