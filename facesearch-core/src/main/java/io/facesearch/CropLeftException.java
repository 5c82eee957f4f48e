package io.facesearch;

/**
 * A face is removed, but the crop of its photo could not be deleted; opening the gallery tries
 * again.
 */
public class CropLeftException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public CropLeftException(String message) {
    super(message);
  }
}
