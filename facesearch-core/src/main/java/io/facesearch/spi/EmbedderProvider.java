package io.facesearch.spi;

import io.facesearch.FaceEmbedder;

/**
 * Found by {@link java.util.ServiceLoader}: an embedding model that comes with its weights. {@code
 * FaceAnalyzer} takes the one that was asked for by name, else the one that made the index, else
 * {@link #DEFAULT}, else the first.
 */
public interface EmbedderProvider {
  /** The model that is taken unless another one is asked for. */
  String DEFAULT = "sface";

  /**
   * What it is asked for by.
   *
   * @return a short name, such as {@code sface}
   */
  String name();

  /**
   * Tells the model without loading it.
   *
   * @return the fingerprint in the card of what {@link #newEmbedder} makes
   */
  String fingerprint();

  /** {@return a new embedder that the caller closes} */
  FaceEmbedder newEmbedder();
}
