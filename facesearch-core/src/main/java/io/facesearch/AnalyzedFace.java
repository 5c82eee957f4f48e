package io.facesearch;

import java.util.Objects;

/**
 * A face in a photo, with everything that a {@link FaceAnalyzer} found out about it. Immutable and
 * thread-safe.
 *
 * @param face where it is, and its landmarks
 * @param quality how well it is suited for recognition
 * @param chip the face cut out and aligned, in the size that the model expects
 * @param embedding its vector
 */
public record AnalyzedFace(
    DetectedFace face, FaceQuality quality, FaceImage chip, Embedding embedding) {
  /** Checks that no component is null. */
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
   * {@return whether the face is good enough for recognition: false if any measure of {@link
   * #quality()} is beyond its limit}
   */
  public boolean isUsable() {
    return quality.rejections().isEmpty();
  }
}
