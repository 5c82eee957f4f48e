package io.facesearch.sfacefloat;

import io.facesearch.FaceEmbedder;
import io.facesearch.spi.EmbedderProvider;

/** Provides {@link SFaceFloatModel} as the model "sface-float". */
public final class SFaceFloatEmbedderProvider implements EmbedderProvider {
  private static final String FINGERPRINT =
      "d96d2d5751aaa77fd3cc24aec649ec8700607f3a189cb3f745169fa1bbe44fd1";

  /** Called by the ServiceLoader. */
  public SFaceFloatEmbedderProvider() {}

  @Override
  public String name() {
    return "sface-float";
  }

  @Override
  public String fingerprint() {
    return FINGERPRINT;
  }

  @Override
  public FaceEmbedder newEmbedder() {
    return SFaceFloatModel.open();
  }
}
