package io.facesearch.detect;

import io.facesearch.FaceAligner;
import io.facesearch.FaceDetector;
import io.facesearch.FaceLandmarker;
import io.facesearch.spi.DetectionProvider;

/** The default chain: Haar, then the tiny detector where Haar finds nothing; 68 landmarks. */
public final class OpenCvDetectionProvider implements DetectionProvider {
  /** Called by the service loader. */
  public OpenCvDetectionProvider() {}

  @Override
  public FaceDetector newDetector() {
    return CompositeFaceDetector.of(HaarFaceDetector.create(), TinyFaceDetector.create());
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
