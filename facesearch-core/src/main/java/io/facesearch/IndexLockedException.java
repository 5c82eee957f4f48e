package io.facesearch;

/** An index is already open; only one process at a time can have it open. */
public class IndexLockedException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public IndexLockedException(String message) {
    super(message);
  }

  /** Creates the exception with its cause; the message says what is wrong and how to fix it. */
  public IndexLockedException(String message, Throwable cause) {
    super(message, cause);
  }
}
