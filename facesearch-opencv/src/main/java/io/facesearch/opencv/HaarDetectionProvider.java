package io.facesearch.opencv;

import io.facesearch.FaceAligner;
import io.facesearch.FaceDetector;
import io.facesearch.FaceLandmarker;
import io.facesearch.detect.CompositeFaceDetector;
import io.facesearch.detect.ConfirmedFaceDetector;
import io.facesearch.detect.LandmarkNetwork;
import io.facesearch.detect.SimilarityAligner;
import io.facesearch.detect.TinyFaceDetector;
import io.facesearch.spi.DetectionProvider;
import java.util.Optional;

/**
 * The detection chain "haar": faces of a Haar cascade that the tiny network confirms or, if there
 * are none, faces of the tiny network; with 68 landmarks.
 */
public final class HaarDetectionProvider implements DetectionProvider {
  /** Called by the service loader. */
  public HaarDetectionProvider() {}

  @Override
  public String name() {
    return "haar";
  }

  @Override
  public FaceDetector newDetector() {
    return CompositeFaceDetector.of(
        ConfirmedFaceDetector.of(HaarFaceDetector.create()), TinyFaceDetector.create());
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
