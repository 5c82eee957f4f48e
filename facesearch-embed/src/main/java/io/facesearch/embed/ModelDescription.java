package io.facesearch.embed;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.facesearch.AlignmentTemplate;
import io.facesearch.DecisionThreshold;
import io.facesearch.Rate;
import io.facesearch.StrangerRates;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a file of weights does not say of itself, as JSON in a checkpoint or beside a model:
 *
 * <pre>{@code
 * {
 *   "name": "my-arcface",
 *   "license": "MIT; trained on ...",
 *   "preprocessing": {
 *     "width": 112, "height": 112,
 *     "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5],
 *     "channels": "RGB", "layout": "NCHW"
 *   },
 *   "alignment": "arcface_112",
 *   "threshold": {"distance": 1.1, "falseAcceptRate": 0.001, "calibratedOn": "..."}
 * }
 * }</pre>
 *
 * <p>{@code threshold} may also have differentBeyond, gallerySize and the measured rates
 * falseAccept and falseReject, each as value, low and high, and strangers: by number of photos
 * pairs of distance and rate ({@link StrangerRates}). {@code alignment} may also be an object with
 * name, margin and, for landmarks, scheme, points and targets; without it the chip is the face's
 * box with a margin of 0.25. Without a threshold the model counts as not calibrated. Immutable.
 */
record ModelDescription(
    String name,
    String license,
    Preprocessing preprocessing,
    AlignmentTemplate alignment,
    DecisionThreshold threshold) {

  /** Where nothing is said of a license. */
  static final String NO_LICENSE = "not told";

  private static final double MARGIN = 0.25;

  ModelDescription {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(license, "license");
    Objects.requireNonNull(threshold, "threshold");
    if (alignment.width() != preprocessing.width()
        || alignment.height() != preprocessing.height()) {
      throw new IllegalArgumentException(
          "the alignment template "
              + alignment
              + " must be as large as the input, "
              + preprocessing.width()
              + "x"
              + preprocessing.height());
    }
  }

  /** The face's box, for models that were not trained on aligned faces. */
  static AlignmentTemplate box(int width, int height) {
    return AlignmentTemplate.box("box_" + width + "x" + height, width, height, MARGIN);
  }

  /** What of this changes the vectors: part of the fingerprint. */
  String determinant() {
    JsonObject json = toJson();
    json.remove("name");
    json.remove("licence");
    json.remove("threshold");
    return json.toString();
  }

  JsonObject toJson() {
    JsonObject pixels = new JsonObject();
    pixels.addProperty("width", preprocessing.width());
    pixels.addProperty("height", preprocessing.height());
    pixels.add("mean", floats(preprocessing.mean()));
    pixels.add("std", floats(preprocessing.std()));
    pixels.addProperty("channels", preprocessing.channels().name());
    pixels.addProperty("layout", preprocessing.layout().name());
    JsonObject template = new JsonObject();
    template.addProperty("name", alignment.name());
    template.addProperty("margin", alignment.margin());
    if (alignment.anchors() > 0) {
      JsonArray points = new JsonArray();
      JsonArray targets = new JsonArray();
      for (int i = 0; i < alignment.anchors(); i++) {
        points.add(alignment.point(i));
        targets.add(alignment.targetX(i));
        targets.add(alignment.targetY(i));
      }
      template.addProperty("scheme", alignment.scheme());
      template.add("points", points);
      template.add("targets", targets);
    }
    JsonObject limit = new JsonObject();
    limit.addProperty("distance", threshold.distance());
    limit.addProperty("falseAcceptRate", threshold.falseAcceptRate());
    limit.addProperty("calibratedOn", threshold.calibratedOn());
    limit.addProperty("differentBeyond", threshold.differentBeyond());
    limit.addProperty("gallerySize", threshold.gallerySize());
    threshold.falseAccept().ifPresent(rate -> limit.add("falseAccept", rate(rate)));
    threshold.falseReject().ifPresent(rate -> limit.add("falseReject", rate(rate)));
    threshold.strangers().ifPresent(rates -> limit.add("strangers", strangers(rates)));
    JsonObject json = new JsonObject();
    json.addProperty("name", name);
    json.addProperty("licence", license);
    json.add("preprocessing", pixels);
    json.add("alignment", template);
    json.add("threshold", limit);
    return json;
  }

  private static JsonArray floats(List<Float> values) {
    JsonArray array = new JsonArray();
    values.forEach(array::add);
    return array;
  }

  static JsonObject parse(String file, String text) {
    try {
      return JsonParser.parseString(text).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException | StackOverflowError e) {
      throw new WeightsFormatException(file + ": expected a JSON object: " + e.getMessage(), e);
    }
  }

  static ModelDescription fromJson(String file, JsonObject json) {
    try {
      JsonObject pixels = member(file, json, "preprocessing", JsonElement::getAsJsonObject);
      Preprocessing preprocessing =
          new Preprocessing(
              member(file, pixels, "width", JsonElement::getAsInt),
              member(file, pixels, "height", JsonElement::getAsInt),
              list(member(file, pixels, "mean", JsonElement::getAsJsonArray)),
              list(member(file, pixels, "std", JsonElement::getAsJsonArray)),
              Preprocessing.ChannelOrder.valueOf(upper(file, pixels, "channels")),
              Preprocessing.Layout.valueOf(upper(file, pixels, "layout")));
      return new ModelDescription(
          member(file, json, "name", JsonElement::getAsString),
          // As checkpoints have it, whose bytes stay; beside a model either is read.
          member(file, json, json.has("licence") ? "licence" : "license", JsonElement::getAsString),
          preprocessing,
          alignment(file, json.get("alignment"), preprocessing),
          threshold(file, json.get("threshold")));
    } catch (IllegalArgumentException
        | IllegalStateException
        | UnsupportedOperationException
        | ClassCastException e) {
      throw new WeightsFormatException(
          file + ": the description of the model is not as expected: " + e.getMessage(), e);
    }
  }

  private static String upper(String file, JsonObject json, String key) {
    return member(file, json, key, JsonElement::getAsString).toUpperCase(Locale.ROOT);
  }

  static <T> T member(
      String file, JsonObject json, String key, Function<JsonElement, T> conversion) {
    JsonElement value = json.get(key);
    if (value == null || value.isJsonNull()) {
      throw new WeightsFormatException(
          file + ": the description of the model lacks \"" + key + "\"; it has " + json.keySet());
    }
    try {
      return conversion.apply(value);
    } catch (IllegalArgumentException
        | IllegalStateException
        | UnsupportedOperationException
        | ClassCastException e) {
      throw new WeightsFormatException(
          file + ": \"" + key + "\" of the model is not as expected: " + e.getMessage(), e);
    }
  }

  private static AlignmentTemplate alignment(
      String file, JsonElement element, Preprocessing preprocessing) {
    int width = preprocessing.width();
    int height = preprocessing.height();
    if (element == null) {
      return box(width, height);
    }
    if (element.isJsonPrimitive()) {
      AlignmentTemplate arcFace = AlignmentTemplate.arcFace112();
      if (element.getAsString().equals(arcFace.name())) {
        return arcFace;
      }
      throw new WeightsFormatException(
          file
              + ": the alignment must be \""
              + arcFace.name()
              + "\" or an object, but is "
              + element);
    }
    JsonObject json = element.getAsJsonObject();
    String name = member(file, json, "name", JsonElement::getAsString);
    double margin = member(file, json, "margin", JsonElement::getAsDouble);
    if (!json.has("points")) {
      return AlignmentTemplate.box(name, width, height, margin);
    }
    List<Float> targets = list(member(file, json, "targets", JsonElement::getAsJsonArray));
    int[] points =
        member(file, json, "points", JsonElement::getAsJsonArray).asList().stream()
            .mapToInt(JsonElement::getAsInt)
            .toArray();
    float[] positions = new float[targets.size()];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = targets.get(i);
    }
    int scheme = member(file, json, "scheme", JsonElement::getAsInt);
    return AlignmentTemplate.anchored(name, width, height, scheme, points, positions, margin);
  }

  private static DecisionThreshold threshold(String file, JsonElement element) {
    if (element == null) {
      return DecisionThreshold.NOT_CALIBRATED;
    }
    JsonObject json = element.getAsJsonObject();
    double distance = member(file, json, "distance", JsonElement::getAsDouble);
    return new DecisionThreshold(
        distance,
        json.has("differentBeyond") ? json.get("differentBeyond").getAsDouble() : distance,
        json.has("gallerySize") ? json.get("gallerySize").getAsInt() : 1,
        member(file, json, "falseAcceptRate", JsonElement::getAsDouble),
        rate(json.get("falseAccept")),
        rate(json.get("falseReject")),
        member(file, json, "calibratedOn", JsonElement::getAsString),
        strangers(json.get("strangers")));
  }

  /** By number of photos, an array of pairs of distance and rate. */
  private static JsonObject strangers(StrangerRates rates) {
    JsonObject json = new JsonObject();
    for (StrangerRates.Curve curve : rates.curves()) {
      JsonArray points = new JsonArray();
      for (StrangerRates.Point point : curve.points()) {
        JsonArray pair = new JsonArray();
        pair.add(point.distance());
        pair.add(point.rate());
        points.add(pair);
      }
      json.add(Integer.toString(curve.photos()), points);
    }
    return json;
  }

  private static @Nullable StrangerRates strangers(JsonElement element) {
    if (element == null) {
      return null;
    }
    List<StrangerRates.Curve> curves = new ArrayList<>();
    element
        .getAsJsonObject()
        .asMap()
        .forEach(
            (photos, points) -> {
              List<StrangerRates.Point> read = new ArrayList<>();
              for (JsonElement point : points.getAsJsonArray()) {
                JsonArray pair = point.getAsJsonArray();
                if (pair.size() != 2) {
                  throw new IllegalArgumentException(
                      "a rate of strangers needs distance and rate, but is: " + pair);
                }
                read.add(
                    new StrangerRates.Point(pair.get(0).getAsDouble(), pair.get(1).getAsDouble()));
              }
              curves.add(new StrangerRates.Curve(Integer.parseInt(photos), read));
            });
    return new StrangerRates(curves);
  }

  private static JsonArray rate(Rate rate) {
    JsonArray array = new JsonArray();
    array.add(rate.value());
    array.add(rate.low());
    array.add(rate.high());
    return array;
  }

  private static @Nullable Rate rate(JsonElement element) {
    if (element == null) {
      return null;
    }
    JsonArray array = element.getAsJsonArray();
    if (array.size() != 3) {
      throw new IllegalArgumentException("a rate needs value, low and high, but is: " + array);
    }
    return new Rate(
        array.get(0).getAsDouble(), array.get(1).getAsDouble(), array.get(2).getAsDouble());
  }

  private static List<Float> list(JsonArray array) {
    List<Float> values = new ArrayList<>();
    array.forEach(value -> values.add(value.getAsFloat()));
    return values;
  }
}
