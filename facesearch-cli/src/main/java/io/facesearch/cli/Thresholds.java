package io.facesearch.cli;

import io.facesearch.DecisionThreshold;
import io.facesearch.Gallery;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Thresholds in words and as JSON. Stateless. */
final class Thresholds {
  private Thresholds() {}

  /** Whether it is known what distances mean. */
  static boolean isCalibrated(DecisionThreshold threshold) {
    return threshold.falseAcceptRate() < 1;
  }

  /** From where on two photos are taken for two people; empty if that is not known. */
  static OptionalDouble ofPairs(Gallery gallery) {
    DecisionThreshold threshold = gallery.pairThreshold();
    return isCalibrated(threshold)
        ? OptionalDouble.of(threshold.distance())
        : OptionalDouble.empty();
  }

  /** Of a thousand. */
  private static String strangers(double rate) {
    return rate < 0.001 ? "none" : String.format(Locale.ROOT, "%.0f", 1000 * rate);
  }

  /** In a few words. */
  static String words(DecisionThreshold threshold) {
    return isCalibrated(threshold)
        ? String.format(
            Locale.ROOT,
            "%.3g (false accept rate %.2g; calibrated on %s)",
            threshold.distance(),
            threshold.falseAcceptRate(),
            threshold.calibratedOn())
        : "not calibrated";
  }

  /** For programs; null if it is not calibrated. */
  static @Nullable Map<String, @Nullable Object> json(DecisionThreshold threshold) {
    return isCalibrated(threshold)
        ? Output.object(
            "distance", threshold.distance(),
            "differentBeyond", threshold.differentBeyond(),
            "falseAcceptRate", threshold.falseAcceptRate(),
            "gallerySize", threshold.gallerySize(),
            "calibratedOn", threshold.calibratedOn())
        : null;
  }

  /** What a comparison of two photos says; empty if nothing can be said. */
  static String comparison(String decision, double distance, DecisionThreshold threshold) {
    return isCalibrated(threshold)
        ? String.format(
            Locale.ROOT,
            "%s: distance %.3f, threshold %.3f (false accept rate %.2g; calibrated on %s)",
            decision,
            distance,
            threshold.distance(),
            threshold.falseAcceptRate(),
            threshold.calibratedOn())
        : String.format(
            Locale.ROOT, "undecided, as the model is not calibrated: distance %.3f", distance);
  }

  /**
   * What SAME means in a gallery.
   *
   * @param threshold of the gallery
   * @param pairs of two photos
   */
  static String inGallery(DecisionThreshold threshold, DecisionThreshold pairs) {
    if (!isCalibrated(threshold)) {
      return "The model is not calibrated: no distance is known to mean one person.";
    }
    if (threshold.strangers().isEmpty() && threshold.distance() < pairs.distance()) {
      return String.format(
          Locale.ROOT,
          "SAME: only the same photo. Of this model it is known how often two photos of strangers"
              + " are taken for one person (%.2g at %.3f), not how often that happens among %d"
              + " people; 'evaluate calibrate --photos FOLDER --save STORE/threshold' finds it,"
              + " from 20 people on.",
          pairs.falseAcceptRate(),
          pairs.distance(),
          threshold.gallerySize());
    }
    return String.format(
        Locale.ROOT,
        "A face gets a name (SAME) up to a distance of %.3f from the mean of the faces that bear it;"
            + " of 1,000 strangers about %s get one here (measured on %s).",
        threshold.distance(),
        strangers(threshold.falseAcceptRate()),
        threshold.calibratedOn());
  }
}
