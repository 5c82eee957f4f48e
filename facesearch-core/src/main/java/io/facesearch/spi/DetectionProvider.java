package io.facesearch.spi;

import io.facesearch.FaceAligner;
import io.facesearch.FaceDetector;
import io.facesearch.FaceLandmarker;
import java.util.Optional;

/**
 * Provides a detection chain; found by {@link java.util.ServiceLoader}. {@code FaceAnalyzer} uses
 * the one requested by name; otherwise {@link #DEFAULT}; otherwise the first. Each call creates a
 * new object, which the caller closes.
 */
public interface DetectionProvider {
  /** The name of the chain that is used by default. */
  String DEFAULT = "yunet";

  /** {@return a short name by which the chain is requested, such as {@code yunet}} */
  String name();

  /** {@return a new detector} */
  FaceDetector newDetector();

  /**
   * Creates the landmark network. It is used for faces for which the detector provides fewer
   * landmarks than the embedding model needs for alignment.
   *
   * @return a new landmarker; empty, the default, if there is none
   */
  default Optional<FaceLandmarker> newLandmarker() {
    return Optional.empty();
  }

  /** {@return an aligner} */
  FaceAligner newAligner();
}
