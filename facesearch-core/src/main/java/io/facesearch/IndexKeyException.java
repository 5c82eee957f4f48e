package io.facesearch;

/** The key of an index is wrong, missing, or given for an index that is not encrypted. */
public class IndexKeyException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public IndexKeyException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   * @param cause the underlying failure
   */
  public IndexKeyException(String message, Throwable cause) {
    super(message, cause);
  }
}
