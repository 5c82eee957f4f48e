package io.facesearch.spi;

import io.facesearch.FaceAligner;
import io.facesearch.FaceDetector;
import io.facesearch.FaceLandmarker;
import java.util.Optional;

/**
 * Found by {@link java.util.ServiceLoader}: a detection chain. Of several, {@code FaceSearch} takes
 * the one whose landmarks the embedding model is aligned by. Each call makes a new object that the
 * caller closes.
 */
public interface DetectionProvider {
  /**
   * Makes the detector.
   *
   * @return a new detector
   */
  FaceDetector newDetector();

  /**
   * How many landmarks a face has after this chain.
   *
   * @return 68 or 5
   */
  int landmarks();

  /**
   * Makes the landmark network.
   *
   * @return a new landmarker; empty if the detector gives the landmarks itself
   */
  Optional<FaceLandmarker> newLandmarker();

  /**
   * Makes the aligner.
   *
   * @return an aligner
   */
  FaceAligner newAligner();
}
