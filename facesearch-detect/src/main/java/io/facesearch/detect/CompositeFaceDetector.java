package io.facesearch.detect;

import io.facesearch.DetectedFace;
import io.facesearch.FaceDetector;
import io.facesearch.FaceImage;
import java.util.List;
import java.util.Optional;

/**
 * Tries several detectors in order and returns the faces of the first one that finds any, so scores
 * of different detectors are never mixed. Thread-safe if the parts are; {@link #close} closes them.
 */
public final class CompositeFaceDetector implements FaceDetector {
  private final List<FaceDetector> detectors;

  private CompositeFaceDetector(List<FaceDetector> detectors) {
    this.detectors = detectors;
  }

  /**
   * Creates a composite.
   *
   * @param detectors at least one, in the order in which to try them; owned by the composite from
   *     now on
   * @return the composite
   */
  public static CompositeFaceDetector of(FaceDetector... detectors) {
    if (detectors.length == 0) {
      throw new IllegalArgumentException("a composite needs at least 1 detector, but got 0");
    }
    return new CompositeFaceDetector(List.of(detectors));
  }

  @Override
  public List<DetectedFace> detect(FaceImage image) {
    for (FaceDetector detector : detectors) {
      List<DetectedFace> faces = detector.detect(image);
      if (!faces.isEmpty()) {
        return faces;
      }
    }
    return List.of();
  }

  @Override
  public int landmarks() {
    return detectors.stream().mapToInt(FaceDetector::landmarks).min().orElse(0);
  }

  @Override
  public Optional<String> configuration() {
    List<Optional<String>> all = detectors.stream().map(FaceDetector::configuration).toList();
    return all.stream().anyMatch(Optional::isEmpty)
        ? Optional.empty()
        : Optional.of("first of " + all.stream().map(Optional::get).toList());
  }

  @Override
  public void close() {
    detectors.forEach(FaceDetector::close);
  }
}
