package io.facesearch.server;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.facesearch.DecisionThreshold;
import io.facesearch.ModelCard;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How often a bundled model errs at each distance, so that the page can tell what another threshold
 * means. Measured on the pairs that calibrated the model's threshold, by {@code evaluate calibrate
 * --curve}.
 *
 * @param calibratedOn data set and number of pairs
 * @param points by distance
 */
record RateCurve(String calibratedOn, List<Answers.RatePoint> points) {
  private static final List<String> RESOURCES = List.of("rates-sface.json", "rates-dlib.json");

  /** The curve, if there is one for this model and its own threshold is in use. */
  static Optional<RateCurve> of(ModelCard card, DecisionThreshold threshold) {
    if (!threshold.equals(card.threshold())) {
      return Optional.empty();
    }
    return Holder.CURVES.stream()
        .filter(json -> json.get("model").getAsString().equals(card.fingerprint()))
        .findFirst()
        .map(RateCurve::of);
  }

  private static RateCurve of(JsonObject json) {
    List<Answers.RatePoint> points = new ArrayList<>();
    json.getAsJsonArray("points")
        .forEach(point -> points.add(new Gson().fromJson(point, Answers.RatePoint.class)));
    return new RateCurve(json.get("calibratedOn").getAsString(), points);
  }

  private static final class Holder {
    static final List<JsonObject> CURVES = RESOURCES.stream().map(Holder::read).toList();

    private static JsonObject read(String resource) {
      try (InputStream in = RateCurve.class.getResourceAsStream(resource)) {
        return new Gson()
            .fromJson(new InputStreamReader(in, StandardCharsets.UTF_8), JsonObject.class);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + resource + " of this jar", e);
      }
    }
  }
}
