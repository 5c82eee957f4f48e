package io.facesearch;

/** A photo holds no detectable face where one was demanded. */
public class NoFaceException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public NoFaceException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   * @param cause the underlying failure
   */
  public NoFaceException(String message, Throwable cause) {
    super(message, cause);
  }
}
