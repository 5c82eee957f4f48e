package io.facesearch.embed;

import io.facesearch.NativeRuntimeException;

/** A GPU was asked for, and there is none, or the libraries for it are missing. */
public class DeviceUnavailableException extends NativeRuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was asked for, what is there, and how to mend it
   */
  public DeviceUnavailableException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message what was asked for, what is there, and how to mend it
   * @param cause the underlying failure
   */
  public DeviceUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
