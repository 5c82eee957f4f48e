package io.facesearch;

import org.jspecify.annotations.Nullable;

/**
 * Where a gallery is kept does not answer now, or not whole: nodes of a cluster are down. Nothing
 * is lost; ask again when they are back.
 */
public class GalleryUnavailableException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * With a message.
   *
   * @param message what, where, and how to mend it
   * @param cause of the storage, or null
   */
  public GalleryUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
