package io.facesearch.spi;

import io.facesearch.FaceEmbedder;

/**
 * Provides an embedding model with its weights; found by {@link java.util.ServiceLoader}. {@code
 * FaceAnalyzer} uses the one requested by name; otherwise the one that the index was built with;
 * otherwise {@link #DEFAULT}; otherwise the first.
 */
public interface EmbedderProvider {
  /** The name of the model that is used by default. */
  String DEFAULT = "sface";

  /** {@return a short name by which the model is requested, such as {@code sface}} */
  String name();

  /**
   * Returns the fingerprint of the model without loading it.
   *
   * @return the fingerprint in the card of the embedders of {@link #newEmbedder}
   */
  String fingerprint();

  /** {@return a new embedder that the caller closes} */
  FaceEmbedder newEmbedder();
}
