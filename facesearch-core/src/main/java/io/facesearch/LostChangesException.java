package io.facesearch;

/**
 * A store holds fewer changes than it once did: the end of its log was damaged or deleted, or an
 * older copy of one of its files took the place of a newer one. Nothing was changed by finding it
 * out. What is left can be opened on purpose; the message says how.
 */
public class LostChangesException extends CorruptIndexException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public LostChangesException(String message) {
    super(message);
  }
}
