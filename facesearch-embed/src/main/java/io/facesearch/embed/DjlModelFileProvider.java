package io.facesearch.embed;

import io.facesearch.FaceEmbedder;
import io.facesearch.spi.ModelFileProvider;
import java.io.IOException;
import java.nio.file.Path;

/** Provides {@link ModelFileEmbedder} for models in files. */
public final class DjlModelFileProvider implements ModelFileProvider {
  /** Called by the ServiceLoader. */
  public DjlModelFileProvider() {}

  @Override
  public FaceEmbedder openEmbedder(Path model) throws IOException {
    return ModelFileEmbedder.open(model);
  }
}
