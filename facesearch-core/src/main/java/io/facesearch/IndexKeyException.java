package io.facesearch;

/** The key of an index is wrong or missing, or was given for an index that is not encrypted. */
public class IndexKeyException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public IndexKeyException(String message) {
    super(message);
  }
}
