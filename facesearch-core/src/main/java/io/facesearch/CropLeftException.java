package io.facesearch;

/**
 * A face was removed, but the crop of its photo could not be deleted. The next time the gallery is
 * opened, deletion is tried again.
 */
public class CropLeftException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public CropLeftException(String message) {
    super(message);
  }
}
