package io.facesearch.detect;

import io.facesearch.FaceAligner;
import io.facesearch.FaceDetector;
import io.facesearch.FaceLandmarker;
import io.facesearch.spi.DetectionProvider;
import java.util.Optional;

/**
 * The chain for models aligned by 68 landmarks: Haar, each face confirmed by the tiny network;
 * where that leaves nothing, the tiny network on the whole photo; 68 landmarks.
 */
public final class OpenCvDetectionProvider implements DetectionProvider {
  /** Called by the service loader. */
  public OpenCvDetectionProvider() {}

  @Override
  public FaceDetector newDetector() {
    return CompositeFaceDetector.of(
        ConfirmedFaceDetector.of(HaarFaceDetector.create()), TinyFaceDetector.create());
  }

  @Override
  public int landmarks() {
    return 68;
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
