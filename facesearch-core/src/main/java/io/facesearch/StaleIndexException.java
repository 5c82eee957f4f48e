package io.facesearch;

/**
 * An index would be saved over a file that it was not loaded from, or that others have written
 * since: what they wrote would be lost, and what they forgot would come back. Nothing was written.
 */
public class StaleIndexException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public StaleIndexException(String message) {
    super(message);
  }
}
