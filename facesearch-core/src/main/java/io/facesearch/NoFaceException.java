package io.facesearch;

/** A photo has no detectable face, but one was required. */
public class NoFaceException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public NoFaceException(String message) {
    super(message);
  }
}
