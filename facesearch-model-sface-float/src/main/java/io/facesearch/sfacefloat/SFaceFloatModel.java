package io.facesearch.sfacefloat;

import io.facesearch.FaceSearchException;
import io.facesearch.NativeRuntimeException;
import io.facesearch.sface.SFaceEmbedder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Opens SFace with weights in float (11 MB). It gives OpenCV's vectors to a cosine of 0.999, but
 * takes longer than the network in int8 (docs/MODELS.md). They count as different models, so a
 * gallery holds vectors of only one of them.
 */
public final class SFaceFloatModel {
  private static final String WEIGHTS = "sface_float.onnx";

  private SFaceFloatModel() {}

  /**
   * Opens the network with default settings.
   *
   * @return a new embedder; the caller closes it
   * @throws NativeRuntimeException if ONNX Runtime is missing or does not load
   */
  public static SFaceEmbedder open() {
    try {
      return builder().build();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open " + WEIGHTS, e);
    }
  }

  /** {@return a new builder} */
  public static SFaceEmbedder.Builder builder() {
    return SFaceEmbedder.builder().model(WEIGHTS, weights());
  }

  private static byte[] weights() {
    try (InputStream in = SFaceFloatModel.class.getResourceAsStream(WEIGHTS)) {
      if (in == null) {
        throw new FaceSearchException(
            "the weights "
                + WEIGHTS
                + " are not on the class path; was facesearch-model-sface-float repackaged without"
                + " resources?");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the weights " + WEIGHTS, e);
    }
  }
}
