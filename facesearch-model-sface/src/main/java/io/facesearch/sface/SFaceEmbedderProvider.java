package io.facesearch.sface;

import io.facesearch.FaceEmbedder;
import io.facesearch.spi.EmbedderProvider;

/** Provides {@link SFaceEmbedder} as the model "sface", the default. */
public final class SFaceEmbedderProvider implements EmbedderProvider {
  private static final String FINGERPRINT =
      "a048198c388aeccc04e4c14ccd9f3a22fe1e3a7a49856940d4554ea3022ebfc3";

  /** Called by the ServiceLoader. */
  public SFaceEmbedderProvider() {}

  @Override
  public String name() {
    return DEFAULT;
  }

  @Override
  public String fingerprint() {
    return FINGERPRINT;
  }

  @Override
  public FaceEmbedder newEmbedder() {
    return SFaceEmbedder.open();
  }
}
