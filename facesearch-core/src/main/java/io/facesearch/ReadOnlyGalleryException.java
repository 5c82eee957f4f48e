package io.facesearch;

/** An attempt was made to change a read-only gallery. */
public class ReadOnlyGalleryException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public ReadOnlyGalleryException(String message) {
    super(message);
  }
}
