package io.facesearch.spi;

import io.facesearch.FaceAligner;
import io.facesearch.FaceDetector;
import io.facesearch.FaceLandmarker;
import java.util.Optional;

/**
 * Found by {@link java.util.ServiceLoader}: a detection chain. {@code FaceAnalyzer} takes the one
 * that was asked for by name, else {@link #DEFAULT}, else the first. Each call makes a new object
 * that the caller closes.
 */
public interface DetectionProvider {
  /** The chain that is taken unless another one is asked for. */
  String DEFAULT = "yunet";

  /**
   * What it is asked for by.
   *
   * @return a short name, such as {@code yunet}
   */
  String name();

  /** {@return a new detector} */
  FaceDetector newDetector();

  /**
   * Makes the landmark network, for faces to which the detector gives fewer landmarks than the
   * embedding model is aligned by.
   *
   * @return a new landmarker; empty, the default, if there is none
   */
  default Optional<FaceLandmarker> newLandmarker() {
    return Optional.empty();
  }

  /** {@return an aligner} */
  FaceAligner newAligner();
}
