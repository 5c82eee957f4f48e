package io.facesearch;

/**
 * A store has lost changes: the end of its log was damaged or deleted, or one of its files was
 * replaced by an older copy. Detecting this changed nothing. What remains can be opened
 * deliberately; the message says how.
 */
public class LostChangesException extends CorruptIndexException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public LostChangesException(String message) {
    super(message);
  }
}
