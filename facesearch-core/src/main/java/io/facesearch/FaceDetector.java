package io.facesearch;

import java.util.List;
import java.util.Optional;

/** Finds faces in photos. Implementations must be thread-safe; the creator closes them. */
public interface FaceDetector extends AutoCloseable {
  /**
   * Finds all faces of a photo.
   *
   * @param image the photo, upright
   * @return faces, surest first; empty if there are none
   * @throws NativeRuntimeException if the native library fails
   * @throws IllegalStateException after {@link #close}
   */
  List<DetectedFace> detect(FaceImage image);

  /**
   * {@return how many landmarks each face comes with: 5 or 68; 0, the default, if there are none}
   */
  default int landmarks() {
    return 0;
  }

  /**
   * Names this detector with all settings that bear on its answers, for caches.
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
