package io.facesearch;

/** A gallery that is only read was to be changed. */
public class ReadOnlyGalleryException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public ReadOnlyGalleryException(String message) {
    super(message);
  }
}
