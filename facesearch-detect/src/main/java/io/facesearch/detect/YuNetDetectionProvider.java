package io.facesearch.detect;

import io.facesearch.FaceAligner;
import io.facesearch.FaceDetector;
import io.facesearch.FaceLandmarker;
import io.facesearch.spi.DetectionProvider;
import java.util.Optional;

/**
 * The detection chain "yunet", which is the default: YuNet finds boxes with five landmarks; for
 * models that are aligned by 68 landmarks, {@link LandmarkNetwork} finds those in YuNet's boxes.
 */
public final class YuNetDetectionProvider implements DetectionProvider {
  /** Called by the service loader. */
  public YuNetDetectionProvider() {}

  @Override
  public String name() {
    return DEFAULT;
  }

  @Override
  public FaceDetector newDetector() {
    return YuNetDetector.create();
  }

  @Override
  public Optional<FaceLandmarker> newLandmarker() {
    return Optional.of(LandmarkNetwork.create());
  }

  @Override
  public FaceAligner newAligner() {
    return new SimilarityAligner();
  }
}
