package io.facesearch.spi;

import io.facesearch.FaceAligner;
import io.facesearch.FaceDetector;
import io.facesearch.FaceLandmarker;

/**
 * Found by {@link java.util.ServiceLoader}: the detection chain of {@code FaceSearch.open} uses.
 * Each call makes a new object that the caller closes.
 */
public interface DetectionProvider {
  /**
   * Makes the detector.
   *
   * @return a new detector
   */
  FaceDetector newDetector();

  /**
   * Makes the landmark network.
   *
   * @return a new landmarker
   */
  FaceLandmarker newLandmarker();

  /**
   * Makes the aligner.
   *
   * @return an aligner
   */
  FaceAligner newAligner();
}
