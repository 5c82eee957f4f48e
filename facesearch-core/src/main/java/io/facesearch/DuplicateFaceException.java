package io.facesearch;

/** The index already has a face with this id. */
public class DuplicateFaceException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public DuplicateFaceException(String message) {
    super(message);
  }
}
