package io.facesearch.sface;

import io.facesearch.AlignmentTemplate;
import io.facesearch.DecisionThreshold;
import io.facesearch.FaceSearchException;
import io.facesearch.ModelCard;
import io.facesearch.Rate;
import io.facesearch.StrangerRates;
import io.facesearch.StrangerRates.Curve;
import io.facesearch.internal.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/** The weights and what the model card says of them. */
final class SFaceModel {
  /** The bundled file. */
  static final String INT8 = "sface_int8.onnx";

  /** A larger file is none of this network. */
  private static final long MOST_BYTES = 256L << 20;

  private static final String PREPROCESSING =
      "RGB 0..255 112x112 arcface_112; vectors of L2 norm 1";

  private static final String LICENCE =
      "Weights: Apache-2.0 (OpenCV model zoo, face_recognition_sface_2021dec). Trained on photos of"
          + " people collected from the web (CASIA-WebFace, VGGFace2, MS1MV2 by its paper), famous"
          + " people among them: rates measured on famous people are upper bounds for others.";

  private static final double[] RATES = {1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1};

  /** Strangers' distances to 5,000 people of CelebA, 125 million each. */
  private static final StrangerRates STRANGERS =
      new StrangerRates(
          List.of(
              Curve.of(
                  1, RATES, 1.0035, 1.0328, 1.0612, 1.0872, 1.1166, 1.145, 1.1787, 1.213, 1.2574),
              Curve.of(
                  2, RATES, 0.9868, 1.0169, 1.0462, 1.0726, 1.1029, 1.1323, 1.1672, 1.2024, 1.2476),
              Curve.of(
                  4, RATES, 0.9722, 1.0039, 1.0337, 1.0608, 1.0922, 1.1224, 1.1583, 1.1944,
                  1.2404)));

  private SFaceModel() {}

  static byte[] bundled() {
    try (InputStream in = SFaceModel.class.getResourceAsStream(INT8)) {
      if (in == null) {
        throw new FaceSearchException(
            "the bundled weights "
                + INT8
                + " are not on the class path; was facesearch-model-sface repackaged without"
                + " resources?");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the bundled weights " + INT8, e);
    }
  }

  static byte[] read(Path model) throws IOException {
    long size = Files.size(model);
    if (size > MOST_BYTES) {
      throw new FaceSearchException(
          model
              + ": expected a network of at most "
              + MOST_BYTES
              + " bytes, but the file has "
              + size
              + "; SFace in float has 11 to 38 MB");
    }
    return Files.readAllBytes(model);
  }

  static String name(Path model) {
    return model.getFileName().toString();
  }

  static ModelCard card(String file, byte[] weights, boolean mirrorAverage) {
    String name = file.replaceFirst("\\.onnx$", "").replace('_', '-');
    String preprocessing =
        mirrorAverage ? PREPROCESSING + "; mean of chip and mirror" : PREPROCESSING;
    return new ModelCard(
        mirrorAverage ? name + "-mirror" : name,
        SFaceNetwork.DIMENSION,
        AlignmentTemplate.arcFace112(),
        LICENCE,
        fingerprint(weights, preprocessing),
        threshold(file.equals(INT8) && !mirrorAverage));
  }

  /** By {@code evaluate calibrate} on CelebA; docs/MODELS.md has the command and more figures. */
  private static DecisionThreshold threshold(boolean own) {
    return new DecisionThreshold(
        1.116,
        1.372,
        1,
        0.001,
        new Rate(0.001, 0.00092, 0.0011),
        new Rate(0.01, 0.0086, 0.0113),
        "CelebA, 2,049,924 pairs of 5,000 people" + (own ? "" : ", with the bundled network"),
        STRANGERS);
  }

  private static String fingerprint(byte[] weights, String preprocessing) {
    MessageDigest digest = Sha256.digest();
    digest.update(weights);
    digest.update(preprocessing.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest.digest());
  }
}
