package io.facesearch.dlib;

import io.facesearch.FaceEmbedder;
import io.facesearch.spi.EmbedderProvider;

/** Provides {@link DlibModel} as the model "dlib". */
public final class DlibEmbedderProvider implements EmbedderProvider {
  private static final String FINGERPRINT =
      "d7d9631b84e5743ab7fda2e19c7ee4bb3526d45103a768ca5b4466681e73bb37";

  /** Called by the ServiceLoader. */
  public DlibEmbedderProvider() {}

  @Override
  public String name() {
    return "dlib";
  }

  @Override
  public String fingerprint() {
    return FINGERPRINT;
  }

  @Override
  public FaceEmbedder newEmbedder() {
    return DlibModel.open();
  }
}
