package io.facesearch.embed;

import io.facesearch.FaceEmbedder;
import io.facesearch.spi.ModelFileProvider;
import java.io.IOException;
import java.nio.file.Path;

/** Offers {@link ModelFileEmbedder} to the ServiceLoader. */
public final class DjlModelFileProvider implements ModelFileProvider {
  /** Called by the ServiceLoader. */
  public DjlModelFileProvider() {}

  @Override
  public FaceEmbedder openEmbedder(Path model) throws IOException {
    return ModelFileEmbedder.open(model);
  }
}
