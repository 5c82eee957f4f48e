package io.facesearch.embed;

import io.facesearch.AlignmentTemplate;
import io.facesearch.DecisionThreshold;
import io.facesearch.ModelCard;
import io.facesearch.Rate;
import io.facesearch.StrangerRates;
import io.facesearch.StrangerRates.Curve;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What the card of dlib's network says, and how it wants its faces. */
final class DlibCard {
  private static final String PREPROCESSING =
      "RGB 0..255 150x150 dlib_68_150; (x - [122.782, 117.001, 104.298]) / 255";

  private static final String LICENCE =
      "Weights: public domain, released by the author of dlib (dlib-models:"
          + " dlib_face_recognition_resnet_model_v1), taken from @vladmandic/face-api 1.7.15 (MIT)."
          + " Trained on FaceScrub, VGG Face and images scraped from the web.";

  private static final double[] RATES = {1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1};

  /** Strangers' distances to 800 people of CelebA, 3.1 million each. */
  private static final StrangerRates STRANGERS =
      new StrangerRates(
          List.of(
              Curve.of(
                  1, RATES, 0.2763, 0.2953, 0.3156, 0.338, 0.3663, 0.393, 0.4217, 0.4497, 0.4879),
              Curve.of(
                  2, RATES, 0.2496, 0.2657, 0.287, 0.3125, 0.3428, 0.3695, 0.3975, 0.4253, 0.4642),
              Curve.of(
                  4, RATES, 0.2313, 0.2511, 0.2721, 0.2972, 0.3283, 0.3559, 0.3844, 0.4127,
                  0.4521)));

  /** Where the anchors lie in the unit square of the mean face; the landmark is in the comment. */
  private static final double[][] MEAN_SHAPE = {
    {0.490127, 0.203352}, // 27
    {0.490127, 0.307009}, // 28
    {0.490127, 0.409805}, // 29
    {0.490127, 0.515625}, // 30
    {0.36688, 0.587326}, // 31
    {0.426036, 0.609345}, // 32
    {0.490127, 0.628106}, // 33
    {0.554217, 0.609345}, // 34
    {0.613373, 0.587326}, // 35
    {0.121737, 0.216423}, // 36
    {0.187122, 0.178758}, // 37
    {0.265825, 0.179852}, // 38
    {0.334606, 0.231733}, // 39
    {0.260918, 0.245099}, // 40
    {0.182743, 0.244077}, // 41
    {0.645647, 0.231733}, // 42
    {0.714428, 0.179852}, // 43
    {0.793132, 0.178758}, // 44
    {0.858516, 0.216423}, // 45
    {0.79751, 0.244077}, // 46
    {0.719335, 0.245099}, // 47
    {0.254149, 0.780233}, // 48
    {0.340985, 0.745405}, // 49
    {0.428858, 0.727388}, // 50
    {0.490127, 0.742578}, // 51
    {0.551395, 0.727388}, // 52
    {0.639268, 0.745405}, // 53
    {0.726104, 0.780233}, // 54
    {0.290379, 0.784792}, // 60
    {0.428096, 0.778746}, // 61
    {0.490127, 0.785343}, // 62
    {0.552157, 0.778746}, // 63
    {0.689874, 0.784792}, // 64
  };

  private static final double PADDING = 0.25;

  private DlibCard() {}

  /** As {@link #PREPROCESSING} says it. */
  static Preprocessing preprocessing() {
    return new Preprocessing(
        DlibResNet.SIZE,
        DlibResNet.SIZE,
        List.of(122.782f / 255, 117.001f / 255, 104.298f / 255),
        List.of(1f, 1f, 1f),
        Preprocessing.ChannelOrder.RGB,
        Preprocessing.Layout.NCHW);
  }

  /** The card of the model with these weights. */
  static ModelCard card(byte[] weights, boolean mirrorAverage) {
    String preprocessing =
        mirrorAverage ? PREPROCESSING + "; mean of chip and mirror" : PREPROCESSING;
    return new ModelCard(
        mirrorAverage ? "dlib-resnet29-v1-mirror" : "dlib-resnet29-v1",
        DlibResNet.DIMENSION,
        template(),
        LICENCE,
        fingerprint(weights, preprocessing),
        new DecisionThreshold(
            0.546,
            0.631,
            1,
            0.001,
            new Rate(0.001, 0.00073, 0.0014),
            new Rate(0.0092, 0.0033, 0.0181),
            "LFW, 1,197,378 pairs of 963 people; CelebA: 0.563",
            STRANGERS));
  }

  /** Nose, eyes, and the part of the mouth that moves least. */
  static AlignmentTemplate template() {
    int[] points = new int[MEAN_SHAPE.length];
    float[] targets = new float[2 * points.length];
    for (int i = 0; i < points.length; i++) {
      points[i] = i < 28 ? 27 + i : 60 + i - 28;
      targets[2 * i] = target(MEAN_SHAPE[i][0]);
      targets[2 * i + 1] = target(MEAN_SHAPE[i][1]);
    }
    return AlignmentTemplate.anchored(
        "dlib_68_150", DlibResNet.SIZE, DlibResNet.SIZE, 68, points, targets, PADDING);
  }

  private static float target(double p) {
    return (float) ((p + PADDING) / (1 + 2 * PADDING) * DlibResNet.SIZE);
  }

  private static String fingerprint(byte[] weights, String preprocessing) {
    return Fingerprint.of(weights, preprocessing.getBytes(StandardCharsets.UTF_8));
  }
}
