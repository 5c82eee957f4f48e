package io.facesearch;

import org.jspecify.annotations.Nullable;

/**
 * A native library (such as ONNX Runtime, OpenCV or PyTorch) is missing, does not load, or failed.
 */
public class NativeRuntimeException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public NativeRuntimeException(String message) {
    super(message);
  }

  /** Creates the exception with its cause; the message says what is wrong and how to fix it. */
  public NativeRuntimeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
