package io.facesearch;

/**
 * A file or byte array is not a readable image: its format is unknown, or it is damaged, truncated
 * or larger than the limit. The message names the source.
 */
public class ImageFormatException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public ImageFormatException(String message) {
    super(message);
  }

  /** Creates the exception with its cause; the message says what is wrong and how to fix it. */
  public ImageFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
