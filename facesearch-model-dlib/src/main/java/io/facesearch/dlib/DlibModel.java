package io.facesearch.dlib;

import io.facesearch.FaceSearchException;
import io.facesearch.NativeRuntimeException;
import io.facesearch.embed.DlibFaceEmbedder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Opens dlib's face descriptor network (vectors of 128 numbers, chips of 150x150 pixels) with its
 * weights.
 */
public final class DlibModel {
  private static final String WEIGHTS = "dlib_face_recognition_fp16.safetensors";

  private DlibModel() {}

  /**
   * Opens the network with default settings.
   *
   * @return a new embedder; the caller closes it
   * @throws NativeRuntimeException if a native library is missing or does not load
   */
  public static DlibFaceEmbedder open() {
    return builder().build();
  }

  /** {@return a new builder} */
  public static DlibFaceEmbedder.Builder builder() {
    return DlibFaceEmbedder.builder(weights());
  }

  private static byte[] weights() {
    try (InputStream in = DlibModel.class.getResourceAsStream(WEIGHTS)) {
      if (in == null) {
        throw new FaceSearchException(
            "the weights "
                + WEIGHTS
                + " are not on the class path; was facesearch-model-dlib repackaged without"
                + " resources?");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the weights " + WEIGHTS, e);
    }
  }
}
