package io.facesearch;

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
}
