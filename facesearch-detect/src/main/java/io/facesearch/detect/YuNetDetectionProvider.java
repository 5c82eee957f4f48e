package io.facesearch.detect;

import io.facesearch.FaceAligner;
import io.facesearch.FaceDetector;
import io.facesearch.FaceLandmarker;
import io.facesearch.spi.DetectionProvider;
import java.util.Optional;

/** The chain for models aligned by five landmarks: YuNet gives them with the boxes. */
public final class YuNetDetectionProvider implements DetectionProvider {
  /** Called by the service loader. */
  public YuNetDetectionProvider() {}

  @Override
  public FaceDetector newDetector() {
    return YuNetDetector.create();
  }

  @Override
  public int landmarks() {
    return 5;
  }

  @Override
  public Optional<FaceLandmarker> newLandmarker() {
    return Optional.empty();
  }

  @Override
  public FaceAligner newAligner() {
    return new SimilarityAligner();
  }
}
