package io.facesearch.detect;

import io.facesearch.FaceAligner;
import io.facesearch.FaceDetector;
import io.facesearch.FaceLandmarker;
import io.facesearch.spi.DetectionProvider;
import java.util.Optional;

/**
 * The detection chain "tiny": {@link TinyFaceDetector} with 68 landmarks of {@link
 * LandmarkNetwork}.
 */
public final class TinyDetectionProvider implements DetectionProvider {
  /** Called by the service loader. */
  public TinyDetectionProvider() {}

  @Override
  public String name() {
    return "tiny";
  }

  @Override
  public FaceDetector newDetector() {
    return TinyFaceDetector.create();
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
