package io.facesearch;

import java.util.List;
import java.util.Optional;

/**
 * Finds faces in photos. Implementations must be thread-safe. Whoever creates a detector closes it.
 */
public interface FaceDetector extends AutoCloseable {
  /**
   * Finds all faces of a photo.
   *
   * @param image the photo, upright
   * @return the faces, most confident first; empty if there are none
   * @throws NativeRuntimeException if the native library fails
   * @throws IllegalStateException after {@link #close}
   */
  List<DetectedFace> detect(FaceImage image);

  /** {@return how many landmarks each detected face has: 5, 68, or 0 (the default) for none} */
  default int landmarks() {
    return 0;
  }

  /**
   * Identifies this detector and every setting that affects its results, as a key for caches.
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
