package io.facesearch;

import io.facesearch.FaceQuality.Measure;
import io.facesearch.FaceQuality.Reason;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Measures how well a face is suited for recognition: size, sharpness, light, pose, and whether it
 * is cut off. Immutable and thread-safe; takes about 0.2 ms per face.
 */
public final class QualityCheck {
  /** The default limits. */
  public static final QualityCheck DEFAULT = builder().build();

  /** Sharpness is measured at one scale, whatever the size of the chip. */
  private static final int SIDE = 75;

  /** Landmarks end at the eyebrows; the forehead adds this share of their height. */
  private static final double FOREHEAD = 0.35;

  private final Map<Reason, Double> limits;

  private QualityCheck(Map<Reason, Double> limits) {
    this.limits = new EnumMap<>(limits);
  }

  /** {@return a builder for a check with other limits, starting from those of {@link #DEFAULT}} */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Measures one face.
   *
   * @param image the photo
   * @param face a face in that photo
   * @param chip the face as cut out by {@link FaceAnalyzer#align}
   * @return all measures
   */
  public FaceQuality measure(FaceImage image, DetectedFace face, FaceImage chip) {
    List<Measure> measures = new ArrayList<>();
    BoundingBox box = face.box();
    add(measures, Reason.TOO_SMALL, Math.min(box.width(), box.height()));
    double[] gray = middle(chip);
    add(measures, Reason.BLURRED, varianceOfLaplacian(gray));
    double mean = 0;
    for (double g : gray) {
      mean += g / gray.length;
    }
    add(measures, Reason.TOO_DARK, mean);
    add(measures, Reason.TOO_BRIGHT, mean);
    HeadPose.of(face.landmarks().turned(face.turn()))
        .ifPresent(
            pose -> {
              add(measures, Reason.YAW, Math.abs(pose.yaw()));
              add(measures, Reason.PITCH, Math.abs(pose.pitch()));
              add(measures, Reason.ROLL, Math.abs(pose.roll()));
            });
    add(measures, Reason.CUT_OFF, inside(image, face));
    return new FaceQuality(measures);
  }

  /**
   * Returns the limit of one measure.
   *
   * @param reason the measure
   * @return its limit; see {@link Reason} for units
   */
  public double limit(Reason reason) {
    return Objects.requireNonNull(limits.get(reason));
  }

  private void add(List<Measure> measures, Reason reason, double value) {
    measures.add(new Measure(reason, value, limit(reason)));
  }

  /** Luminance of the middle half of the chip, as if the chip had twice {@link #SIDE} pixels. */
  private static double[] middle(FaceImage chip) {
    double[] gray = new double[SIDE * SIDE];
    for (int y = 0; y < SIDE; y++) {
      int top = (int) ((0.25 + 0.5 * y / SIDE) * chip.height());
      int bottom = Math.max(top + 1, (int) ((0.25 + 0.5 * (y + 1) / SIDE) * chip.height()));
      for (int x = 0; x < SIDE; x++) {
        int left = (int) ((0.25 + 0.5 * x / SIDE) * chip.width());
        int right = Math.max(left + 1, (int) ((0.25 + 0.5 * (x + 1) / SIDE) * chip.width()));
        double sum = 0;
        for (int v = top; v < bottom; v++) {
          for (int u = left; u < right; u++) {
            int rgb = chip.rgb(u, v);
            sum += 0.299 * (rgb >> 16) + 0.587 * (rgb >> 8 & 0xff) + 0.114 * (rgb & 0xff);
          }
        }
        gray[y * SIDE + x] = sum / ((bottom - top) * (right - left));
      }
    }
    return gray;
  }

  private static double varianceOfLaplacian(double[] gray) {
    double sum = 0;
    double squares = 0;
    int n = 0;
    for (int y = 1; y < SIDE - 1; y++) {
      for (int x = 1; x < SIDE - 1; x++) {
        int i = y * SIDE + x;
        double l = gray[i - 1] + gray[i + 1] + gray[i - SIDE] + gray[i + SIDE] - 4 * gray[i];
        sum += l;
        squares += l * l;
        n++;
      }
    }
    return Math.max(0, squares / n - sum / n * (sum / n));
  }

  private static double inside(FaceImage image, DetectedFace face) {
    BoundingBox box = face.box();
    if (face.landmarks().count() == 68) {
      BoundingBox points = face.landmarks().boundingBox();
      double top = FOREHEAD * points.height();
      box = new BoundingBox(points.x(), points.y() - top, points.width(), points.height() + top);
    }
    double w = Math.min(image.width(), box.right()) - Math.max(0, box.x());
    double h = Math.min(image.height(), box.bottom()) - Math.max(0, box.y());
    return w <= 0 || h <= 0 ? 0 : w * h / box.area();
  }

  /** Limits of a {@link QualityCheck}. Not thread-safe. */
  public static final class Builder {
    private final Map<Reason, Double> limits = new EnumMap<>(Reason.class);

    private Builder() {
      limits.put(Reason.TOO_SMALL, 40.0);
      limits.put(Reason.BLURRED, 15.0);
      limits.put(Reason.TOO_DARK, 45.0);
      limits.put(Reason.TOO_BRIGHT, 225.0);
      limits.put(Reason.YAW, 40.0);
      limits.put(Reason.PITCH, 35.0);
      limits.put(Reason.ROLL, 35.0);
      limits.put(Reason.CUT_OFF, 0.85);
    }

    /**
     * Sets one limit; see {@link Reason} for units.
     *
     * @param reason the measure
     * @param value finite, greater than 0
     * @return this
     */
    public Builder limit(Reason reason, double value) {
      if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "the limit of " + reason + " must be finite and > 0, but is: " + value);
      }
      limits.put(reason, value);
      return this;
    }

    /** {@return the check} */
    public QualityCheck build() {
      return new QualityCheck(limits);
    }
  }
}
