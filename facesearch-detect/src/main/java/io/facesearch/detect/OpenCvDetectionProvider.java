package io.facesearch.detect;

import io.facesearch.FaceAligner;
import io.facesearch.FaceDetector;
import io.facesearch.FaceLandmarker;
import io.facesearch.spi.DetectionProvider;

/**
 * The default chain: Haar, each face confirmed by the tiny network; where that leaves nothing, the
 * tiny network on the whole photo; 68 landmarks.
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
  public FaceLandmarker newLandmarker() {
    return LandmarkNetwork.create();
  }

  @Override
  public FaceAligner newAligner() {
    return new SimilarityAligner();
  }
}
