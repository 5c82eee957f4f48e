package io.facesearch;

import java.util.List;
import java.util.Locale;

/**
 * How well a face is suited for recognition: the measured values and their limits. Immutable and
 * thread-safe.
 *
 * @param measures one of each kind that could be measured; pose needs landmarks
 */
public record FaceQuality(List<Measure> measures) {

  /** Why a face is not good enough for recognition. */
  public enum Reason {
    /** Shorter side of the face's box in pixels; too small below the limit. */
    TOO_SMALL,
    /**
     * Variance of the Laplacian of the luminance (0 to 255) in the middle of the chip, shrunk to
     * 75x75 pixels; blurred below the limit.
     *
     * @see <a href="https://doi.org/10.1109/ICPR.2000.903548">Pech-Pacheco et al., Diatom
     *     autofocusing in brightfield microscopy, ICPR 2000</a>
     */
    BLURRED,
    /** Mean luminance (0 to 255) in the middle of the chip; too dark below the limit. */
    TOO_DARK,
    /** Mean luminance (0 to 255) in the middle of the chip; too bright above the limit. */
    TOO_BRIGHT,
    /** Degrees by which the head is turned left or right; too far above the limit. */
    YAW,
    /** Degrees by which the head is raised or lowered; too far above the limit. */
    PITCH,
    /**
     * Degrees by which the head is tilted, after turning the photo by {@link DetectedFace#turn()};
     * too far above the limit.
     */
    ROLL,
    /**
     * Share of the face, including the forehead, that lies inside the photo, 0 to 1; cut off below
     * the limit.
     */
    CUT_OFF;

    boolean bad(double value, double limit) {
      return highIsBad() ? value > limit : value < limit;
    }

    /** {@return the reason in words for users, such as {@code too small}} */
    public String words() {
      return switch (this) {
        case YAW -> "turned aside";
        case PITCH -> "raised or lowered";
        case ROLL -> "tilted";
        default -> name().toLowerCase(Locale.ROOT).replace('_', ' ');
      };
    }

    boolean highIsBad() {
      return this == TOO_BRIGHT || this == YAW || this == PITCH || this == ROLL;
    }
  }

  /**
   * One measured value.
   *
   * @param reason the kind of measure, with its unit
   * @param value the measured value
   * @param limit the limit that it is compared with
   */
  public record Measure(Reason reason, double value, double limit) {
    /** {@return whether the value is beyond its limit, which is a reason to reject the face} */
    public boolean rejected() {
      return reason.bad(value, limit);
    }

    /** {@return how good the value is, from 0 (worst) to 1 (best); 0.5 at the limit} */
    public double score() {
      double good = reason.highIsBad() ? limit : value;
      double bad = reason.highIsBad() ? value : limit;
      if (reason == Reason.TOO_BRIGHT) {
        good = 255 - value;
        bad = 255 - limit;
      }
      return good <= 0 ? 0 : good / (good + bad);
    }
  }

  /** Copies the list. */
  public FaceQuality {
    measures = List.copyOf(measures);
  }

  /** {@return the measures that are beyond their limits; empty if the face is fine} */
  public List<Measure> rejections() {
    return measures.stream().filter(Measure::rejected).toList();
  }

  /**
   * Returns the score of the worst measure, for ranking faces. It is not a probability.
   *
   * @return 0 (worst) to 1 (best); below 0.5 exactly if a measure is beyond its limit
   */
  public double score() {
    return measures.stream().mapToDouble(Measure::score).min().orElse(1);
  }
}
