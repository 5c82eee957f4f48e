package io.facesearch;

/**
 * There was not enough memory to read a photo or another file. The file may be fine: it may be
 * readable with a larger heap, or with fewer threads.
 */
public class InsufficientMemoryException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what memory was needed for, and how to get it
   * @param cause the underlying failure
   */
  public InsufficientMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
