package io.facesearch;

import java.util.Optional;

/**
 * Finds the landmarks of a face. Implementations must be thread-safe. Whoever creates a landmarker
 * closes it.
 */
public interface FaceLandmarker extends AutoCloseable {
  /**
   * Finds the landmarks of one face.
   *
   * @param image the photo, upright
   * @param box where the face is, in pixels; it may extend beyond the photo
   * @return 68 or 5 points in pixels of the photo
   * @throws NativeRuntimeException if the native library fails
   * @throws IllegalStateException after {@link #close}
   */
  Landmarks locate(FaceImage image, BoundingBox box);

  /**
   * Finds the landmarks of a detected face, which may be turned in the photo ({@link
   * DetectedFace#turn}). By default the turn is ignored; a landmarker that only handles upright
   * faces then gives meaningless points for turned ones.
   *
   * @param image the photo
   * @param face a face of that photo
   * @return the landmarks, in pixels of the photo
   */
  default Landmarks locate(FaceImage image, DetectedFace face) {
    return locate(image, face.box());
  }

  /**
   * Identifies this landmarker and every setting that affects its results, as a key for caches.
   *
   * @return one line; empty, the default, if unknown, in which case its results are not cached
   */
  default Optional<String> configuration() {
    return Optional.empty();
  }

  /** Frees native memory. Calling it again does nothing. */
  @Override
  void close();
}
