package io.facesearch;

import java.util.Optional;

/** Cuts a face out of a photo the way a model wants it. Implementations must be thread-safe. */
@FunctionalInterface
public interface FaceAligner {
  /**
   * Cuts one face.
   *
   * @param image the photo, upright
   * @param face box and, if known, landmarks
   * @param template size of the chip and anchors
   * @return a chip of {@code template.width() x template.height()} pixels
   */
  FaceImage align(FaceImage image, DetectedFace face, AlignmentTemplate template);

  /**
   * Names this aligner with all settings that bear on its answers, for caches.
   *
   * @return one line; empty if it is not told, and then nothing it gave is kept
   */
  default Optional<String> configuration() {
    return Optional.empty();
  }
}
