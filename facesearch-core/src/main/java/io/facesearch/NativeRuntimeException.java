package io.facesearch;

import org.jspecify.annotations.Nullable;

/** A native library (OpenCV, PyTorch) is missing, does not load or failed. */
public class NativeRuntimeException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public NativeRuntimeException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   * @param cause the underlying failure
   */
  public NativeRuntimeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
