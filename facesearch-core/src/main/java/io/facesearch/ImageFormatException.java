package io.facesearch;

/**
 * A file or byte array is not an image that can be read: unknown format, broken, truncated or
 * larger than the limit. The message names the source.
 */
public class ImageFormatException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public ImageFormatException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   * @param cause the underlying failure
   */
  public ImageFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
