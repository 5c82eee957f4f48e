package io.facesearch.detect;

import io.facesearch.FaceAligner;
import io.facesearch.FaceDetector;
import io.facesearch.FaceLandmarker;
import io.facesearch.spi.DetectionProvider;
import java.util.Optional;

/** The chain "tiny": the tiny network and 68 landmarks. */
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
