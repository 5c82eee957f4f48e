package io.facesearch;

/** An index file was written in a format version that this release does not read. */
public class IndexVersionException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public IndexVersionException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   * @param cause the underlying failure
   */
  public IndexVersionException(String message, Throwable cause) {
    super(message, cause);
  }
}
