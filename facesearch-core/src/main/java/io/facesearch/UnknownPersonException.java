package io.facesearch;

/** Nobody of that name, or with that id, is in the gallery. */
public class UnknownPersonException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message whom the caller asked for, and how to mend it
   */
  public UnknownPersonException(String message) {
    super(message);
  }
}
