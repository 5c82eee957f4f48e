package io.facesearch;

/** No face of that id is in the index. */
public class UnknownFaceException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public UnknownFaceException(String message) {
    super(message);
  }
}
