package io.facesearch.embed;

import io.facesearch.FaceEmbedder;
import io.facesearch.spi.EmbedderProvider;

/** Offers {@link DefaultFaceEmbedder} to the ServiceLoader. */
public final class DefaultEmbedderProvider implements EmbedderProvider {
  /** Called by the ServiceLoader. */
  public DefaultEmbedderProvider() {}

  @Override
  public FaceEmbedder newEmbedder() {
    return DefaultFaceEmbedder.open();
  }
}
