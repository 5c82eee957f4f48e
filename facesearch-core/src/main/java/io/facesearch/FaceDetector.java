package io.facesearch;

import java.util.List;

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

  /** Frees native memory. Calling it again does nothing. */
  @Override
  void close();
}
