package io.facesearch.detect;

import io.facesearch.FaceAligner;
import io.facesearch.FaceDetector;
import io.facesearch.FaceLandmarker;
import io.facesearch.spi.DetectionProvider;
import java.util.Optional;

/**
 * The chain "yunet", which is the default: YuNet gives five landmarks with the boxes; where a model
 * is aligned by 68, the landmark network finds those in YuNet's boxes.
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
