package io.facesearch;

import java.util.Optional;

/**
 * Cuts a face out of a photo in the way that a model expects. Implementations must be thread-safe.
 */
@FunctionalInterface
public interface FaceAligner {
  /**
   * Cuts out one face.
   *
   * @param image the photo, upright
   * @param face box and, if known, landmarks
   * @param template size of the chip and anchors
   * @return a chip of {@code template.width() x template.height()} pixels
   */
  FaceImage align(FaceImage image, DetectedFace face, AlignmentTemplate template);

  /**
   * Identifies this aligner and every setting that affects its results, as a key for caches.
   *
   * @return one line; empty, the default, if unknown, in which case its results are not cached
   */
  default Optional<String> configuration() {
    return Optional.empty();
  }
}
