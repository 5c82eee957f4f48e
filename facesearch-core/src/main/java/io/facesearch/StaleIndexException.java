package io.facesearch;

/**
 * Saving an index would overwrite a file that it was not loaded from, or that others have written
 * since. Their changes would be lost, and people whom they forgot would come back. Nothing was
 * written.
 */
public class StaleIndexException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public StaleIndexException(String message) {
    super(message);
  }
}
