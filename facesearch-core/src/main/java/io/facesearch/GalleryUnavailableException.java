package io.facesearch;

import org.jspecify.annotations.Nullable;

/**
 * The storage of a gallery does not respond, or not completely, because nodes of a cluster are
 * down. Nothing is lost; try again when they are back.
 */
public class GalleryUnavailableException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what is wrong, where, and how to fix it
   * @param cause thrown by the storage, or null
   */
  public GalleryUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
