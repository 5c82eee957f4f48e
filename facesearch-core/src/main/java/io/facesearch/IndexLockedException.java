package io.facesearch;

/** An index is open elsewhere: one process at a time may have it open. */
public class IndexLockedException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public IndexLockedException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   * @param cause the underlying failure
   */
  public IndexLockedException(String message, Throwable cause) {
    super(message, cause);
  }
}
