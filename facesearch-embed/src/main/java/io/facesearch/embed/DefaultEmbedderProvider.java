package io.facesearch.embed;

import io.facesearch.FaceEmbedder;
import io.facesearch.spi.EmbedderProvider;
import java.io.IOException;
import java.nio.file.Path;

/** Offers {@link DefaultFaceEmbedder} and {@link DjlFaceEmbedder} to the ServiceLoader. */
public final class DefaultEmbedderProvider implements EmbedderProvider {
  /** Called by the ServiceLoader. */
  public DefaultEmbedderProvider() {}

  @Override
  public FaceEmbedder newEmbedder() {
    return DefaultFaceEmbedder.open();
  }

  @Override
  public FaceEmbedder openEmbedder(Path model) throws IOException {
    return DjlFaceEmbedder.open(model);
  }
}
