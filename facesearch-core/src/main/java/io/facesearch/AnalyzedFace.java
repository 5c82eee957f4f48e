package io.facesearch;

import java.util.Objects;

/**
 * A face of a photo with everything that a {@link FaceAnalyzer} tells of it. Immutable and
 * thread-safe.
 *
 * @param face where it is, and its landmarks
 * @param quality whether it is suited for recognition
 * @param chip the face cut out and aligned, of the size that the model wants
 * @param embedding its vector
 */
public record AnalyzedFace(
    DetectedFace face, FaceQuality quality, FaceImage chip, Embedding embedding) {
  /** Checks that nothing is missing. */
  public AnalyzedFace {
    Objects.requireNonNull(face, "face");
    Objects.requireNonNull(quality, "quality");
    Objects.requireNonNull(chip, "chip");
    Objects.requireNonNull(embedding, "embedding");
  }

  /** {@return where the face is, in pixels of the photo} */
  public BoundingBox box() {
    return face.box();
  }

  /**
   * Whether the face is suited for recognition.
   *
   * @return false if a measure of {@link #quality()} is beyond its limit
   */
  public boolean isUsable() {
    return quality.rejections().isEmpty();
  }
}
