package io.facesearch;

/** The index has no face with the given id. */
public class UnknownFaceException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public UnknownFaceException(String message) {
    super(message);
  }
}
