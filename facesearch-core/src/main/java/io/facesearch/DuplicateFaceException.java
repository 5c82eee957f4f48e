package io.facesearch;

/** A face with the same id is already in the index. */
public class DuplicateFaceException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public DuplicateFaceException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   * @param cause the underlying failure
   */
  public DuplicateFaceException(String message, Throwable cause) {
    super(message, cause);
  }
}
