package io.facesearch.embed;

import io.facesearch.NativeRuntimeException;

/** A GPU was requested, but there is none, or its libraries are missing. */
public class DeviceUnavailableException extends NativeRuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception; the message says what was requested, what is available, and how to fix
   * it.
   */
  public DeviceUnavailableException(String message) {
    super(message);
  }

  /**
   * Creates the exception with its cause; the message says what was requested, what is available,
   * and how to fix it.
   */
  public DeviceUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
