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
   * Finds the landmarks of a detected face, which may stand in the photo as its {@link
   * DetectedFace#turn} says. Landmarkers that know upright faces only give points that mean nothing
   * where that is not 0.
   *
   * @param image the photo
   * @param face a face of it
   * @return the landmarks, in pixels of the photo
   */
  default Landmarks locate(FaceImage image, DetectedFace face) {
    return locate(image, face.box());
  }

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
