package io.facesearch.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.facesearch.Embedding;
import io.facesearch.Rate;
import io.facesearch.eval.VerificationEvaluation.Outcome;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** All metrics against numpy and scikit-learn: src/test/python/reference_metrics.py. */
class ReferenceMetricsTest {
  private static final int PHOTOS = 5;

  private static JsonObject reference() {
    return JsonParser.parseReader(
            new InputStreamReader(
                ReferenceMetricsTest.class.getResourceAsStream("reference-metrics.json"),
                StandardCharsets.UTF_8))
        .getAsJsonObject();
  }

  private static List<LabeledFace> faces(JsonObject reference) {
    List<LabeledFace> faces = new ArrayList<>();
    JsonArray vectors = reference.getAsJsonArray("vectors");
    for (int i = 0; i < vectors.size(); i++) {
      JsonArray v = vectors.get(i).getAsJsonArray();
      float[] vector = new float[v.size()];
      for (int j = 0; j < vector.length; j++) {
        vector[j] = v.get(j).getAsFloat();
      }
      long bits = 0;
      String attributes = reference.getAsJsonArray("attributes").get(i).getAsString();
      for (int a = 0; a < attributes.length(); a++) {
        bits |= attributes.charAt(a) == '1' ? 1L << a : 0;
      }
      faces.add(
          new LabeledFace(
              "photo" + i,
              reference.getAsJsonArray("identity").get(i).getAsString(),
              bits,
              Embedding.of("model", vector)));
    }
    return faces;
  }

  private static void assertIs(Rate rate, JsonObject expected, String name) {
    assertThat(rate.value()).as(name).isEqualTo(expected.get(name).getAsDouble(), within(1e-9));
    assertThat(rate.low()).as(name).isLessThanOrEqualTo(rate.value());
    assertThat(rate.high()).as(name).isGreaterThanOrEqualTo(rate.value());
  }

  @Test
  void retrieval() throws Exception {
    JsonObject reference = reference();
    List<LabeledFace> queries = new ArrayList<>();
    List<LabeledFace> gallery = new ArrayList<>();
    List<LabeledFace> all = faces(reference);
    for (int i = 0; i < all.size(); i++) {
      (i % PHOTOS == 0 ? queries : gallery).add(all.get(i));
    }
    List<String> names = new ArrayList<>();
    for (int a = 0; a < 40; a++) {
      names.add("attribute " + a);
    }
    RetrievalEvaluation.Result result =
        RetrievalEvaluation.of(List.of(1, 5, 10, 20, 50), names).run(queries, gallery);
    JsonObject expected = reference.getAsJsonObject("retrieval");
    JsonArray atK = expected.getAsJsonArray("k");
    RetrievalEvaluation.Identity identity = result.identity().orElseThrow();
    assertThat(identity.atK()).hasSize(atK.size());
    for (int i = 0; i < atK.size(); i++) {
      JsonObject e = atK.get(i).getAsJsonObject();
      RetrievalEvaluation.AttributesAtK attributes = result.attributes().get(i);
      assertThat(attributes.k()).isEqualTo(e.get("k").getAsInt());
      assertIs(attributes.accuracy().orElseThrow(), e, "accuracy");
      assertThat(attributes.distance()).isEqualTo(e.get("distance").getAsDouble(), within(1e-9));
      assertIs(identity.atK().get(i).recall(), e, "recall");
      assertIs(identity.atK().get(i).precision(), e, "precision");
      assertIs(identity.atK().get(i).cmc(), e, "cmc");
      assertThat(identity.cmc()[attributes.k() - 1])
          .isEqualTo(e.get("cmc").getAsDouble(), within(1e-9));
    }
    assertIs(identity.meanAveragePrecision(), expected, "map");
    assertIs(identity.rPrecision(), expected, "rPrecision");
    assertIs(identity.meanReciprocalRank(), expected, "mrr");
  }

  @Test
  void verification() {
    JsonObject reference = reference();
    JsonObject expected = reference.getAsJsonObject("verification");
    List<LabeledFace> faces = faces(reference);
    List<Outcome> outcomes = new ArrayList<>();
    for (JsonElement pair : expected.getAsJsonArray("pairs")) {
      LabeledFace a = faces.get(pair.getAsJsonArray().get(0).getAsInt());
      LabeledFace b = faces.get(pair.getAsJsonArray().get(1).getAsInt());
      outcomes.add(
          new Outcome(
              a.embedding().distanceTo(b.embedding()),
              a.identity().equals(b.identity()),
              -1,
              a.identity(),
              b.identity()));
    }
    VerificationEvaluation evaluation = VerificationEvaluation.of(outcomes);
    assertThat(evaluation.rocArea()).isEqualTo(expected.get("rocArea").getAsDouble(), within(1e-9));
    assertThat(evaluation.equalErrorRate().falseAcceptRate())
        .isEqualTo(expected.get("eer").getAsDouble(), within(1e-9));
    for (JsonElement element : expected.getAsJsonArray("atFar")) {
      JsonObject at = element.getAsJsonObject();
      VerificationEvaluation.Claim claim =
          evaluation.atFalseAcceptRate(at.get("rate").getAsDouble());
      assertThat(claim.threshold()).isEqualTo(at.get("threshold").getAsDouble(), within(1e-9));
      assertIs(claim.trueAccept(), at, "tar");
      assertIs(claim.falseAccept(), at, "far");
    }
  }

  @Test
  void clopperPearson() {
    for (JsonElement element : reference().getAsJsonArray("clopperPearson")) {
      JsonObject e = element.getAsJsonObject();
      Rate rate = Intervals.clopperPearson(e.get("hits").getAsInt(), e.get("trials").getAsInt());
      assertThat(rate.low()).isEqualTo(e.get("low").getAsDouble(), within(1e-9));
      assertThat(rate.high()).isEqualTo(e.get("high").getAsDouble(), within(1e-9));
    }
  }
}
