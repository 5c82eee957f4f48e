package io.facesearch;

/** The gallery has nobody with the given name or id. */
public class UnknownPersonException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says whom the caller asked for, and what to do. */
  public UnknownPersonException(String message) {
    super(message);
  }
}
