package io.facesearch;

/**
 * There was not enough memory for a photo or another file. This says nothing against the file: with
 * a larger heap, or fewer threads, it may be read.
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
