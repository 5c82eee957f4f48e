package io.facesearch;

import java.util.Optional;

/** Finds the landmarks of a face. Implementations must be thread-safe; the creator closes them. */
public interface FaceLandmarker extends AutoCloseable {
  /**
   * Finds the landmarks of one face.
   *
   * @param image the photo, upright
   * @param box where the face is, in pixels; it may reach beyond the photo
   * @return 68 or 5 points in pixels of the photo
   * @throws NativeRuntimeException if the native library fails
   * @throws IllegalStateException after {@link #close}
   */
  Landmarks locate(FaceImage image, BoundingBox box);

  /**
   * Names this landmarker with all settings that bear on its answers, for caches.
   *
   * @return one line; empty if it is not told, and then nothing it gave is kept
   */
  default Optional<String> configuration() {
    return Optional.empty();
  }

  /** Frees native memory. Calling it again does nothing. */
  @Override
  void close();
}
