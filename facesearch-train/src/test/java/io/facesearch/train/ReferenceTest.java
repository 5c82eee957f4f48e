package io.facesearch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.initializer.Initializer;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.Weights;
import io.facesearch.train.OptimizerSettings.Kind;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against PyTorch's losses, gradients, statistics and optimizers. */
class ReferenceTest {
  /** Relative to the largest gradient of the tensor. */
  private static final double TOLERANCE = 1e-4;

  private static final int SIZE = 64;

  @TempDir Path folder;

  private static JsonObject reference() throws IOException {
    try (Reader in =
        new InputStreamReader(
            ReferenceTest.class.getResourceAsStream("reference.json"), StandardCharsets.UTF_8)) {
      return JsonParser.parseReader(in).getAsJsonObject();
    }
  }

  @Test
  void lossGradientsAndStatisticsOfABatchEqualPyTorch() throws Exception {
    JsonArray cases = reference().getAsJsonArray("triplets");
    assertThat(cases).hasSize(2);
    for (int i = 0; i < cases.size(); i++) {
      equalsPyTorch(cases.get(i).getAsJsonObject(), folder.resolve(i + ".state"));
    }
  }

  private static void equalsPyTorch(JsonObject expected, Path state) throws Exception {
    TripletLoss loss =
        new TripletLoss(
            expected.get("margin").getAsDouble(),
            expected.get("squared").getAsBoolean(),
            TripletLoss.Mining.valueOf(expected.get("mining").getAsString()));
    try (FaceNetwork network = TestNetworks.network(expected.get("normalised").getAsBoolean())) {
      TrainingResult result =
          TripletTraining.mined(
                  network,
                  TestNetworks.preprocessing(SIZE),
                  TestNetworks.images(3, 2, SIZE),
                  loss,
                  3,
                  2)
              .steps(1)
              .augmentation(Augmentation.NONE)
              .optimizer(
                  new OptimizerSettings(Kind.SGD, 1e-3, 0, 0, 0, Double.POSITIVE_INFINITY, 1))
              .state(state, 1, Duration.ofDays(1))
              .build()
              .run();
      double loss0 = expected.get("loss").getAsDouble();
      assertThat(result.reports().get(0).loss()).isCloseTo(loss0, within(TOLERANCE * loss0));
      // After one step, the moment of SGD is the gradient.
      Weights saved = Weights.read(state);
      JsonObject gradients = expected.getAsJsonObject("gradients");
      assertThat(gradients.size()).isEqualTo(19);
      for (String name : gradients.keySet()) {
        compare(name, saved.values("first/" + name), gradients.getAsJsonObject(name));
      }
      JsonObject statistics = expected.getAsJsonObject("statistics");
      assertThat(statistics.size()).isEqualTo(10);
      for (String name : statistics.keySet()) {
        float[] values = network.parameters().get(name).getArray().toFloatArray();
        JsonArray wanted = statistics.getAsJsonArray(name);
        for (int i = 0; i < wanted.size(); i++) {
          assertThat((double) values[i])
              .as(name)
              .isCloseTo(wanted.get(i).getAsDouble(), within(1e-5));
        }
      }
    }
  }

  private static void compare(String name, float[] gradient, JsonObject expected) {
    double largest = expected.get("largest").getAsDouble();
    JsonArray values = expected.getAsJsonArray("values");
    int step = Math.max(1, gradient.length / 40);
    if (largest < 1e-6) {
      // 0 but for rounding: the last bias moves all vectors alike.
      for (float g : gradient) {
        assertThat(Math.abs(g)).as(name).isLessThan(1e-6f);
      }
      return;
    }
    for (int i = 0; i < values.size(); i++) {
      assertThat((double) gradient[i * step])
          .as(name + " at " + i * step)
          .isCloseTo(values.get(i).getAsDouble(), within(TOLERANCE * largest));
    }
    double squares = 0;
    for (float g : gradient) {
      squares += (double) g * g;
    }
    double norm = expected.get("norm").getAsDouble();
    assertThat(Math.sqrt(squares)).as(name).isCloseTo(norm, within(TOLERANCE * norm));
  }

  @Test
  void optimizersMoveWeightsAsPyTorchDoes() throws Exception {
    try (FaceNetwork any = TestNetworks.network(false);
        NDManager manager =
            any.parameters().values().iterator().next().getArray().getManager().newSubManager()) {
      for (JsonElement element : reference().getAsJsonArray("optimizers")) {
        JsonObject expected = element.getAsJsonObject();
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("matrix", parameter(manager, "matrix", 3, 2));
        parameters.put("bias", parameter(manager, "bias", 4));
        GradientSteps optimizer =
            new GradientSteps(
                new OptimizerSettings(
                    Kind.valueOf(expected.get("kind").getAsString()),
                    1,
                    expected.get("decay").getAsDouble(),
                    0.9,
                    0,
                    expected.get("clip").getAsDouble(),
                    1),
                parameters);
        JsonArray steps = expected.getAsJsonArray("steps");
        for (int step = 0; step < steps.size(); step++) {
          for (Map.Entry<String, Parameter> entry : parameters.entrySet()) {
            NDArray w = entry.getValue().getArray();
            try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
              NDArray g =
                  manager.create(
                      TestNetworks.weight(
                          entry.getKey() + ".gradient." + step, w.getShape().getShape()),
                      w.getShape());
              collector.backward(w.mul(g).sum());
            }
          }
          optimizer.step(step, 0.1 / (step + 1));
          List<JsonElement> wanted = steps.get(step).getAsJsonArray().asList();
          int i = 0;
          for (Parameter parameter : parameters.values()) {
            JsonArray values = wanted.get(i++).getAsJsonArray();
            float[] found = parameter.getArray().toFloatArray();
            for (int j = 0; j < found.length; j++) {
              assertThat((double) found[j])
                  .as(expected.get("kind") + " step " + step)
                  .isCloseTo(values.get(j).getAsDouble(), within(2e-6));
            }
          }
        }
      }
    }
  }

  private static Parameter parameter(NDManager manager, String name, long... shape) {
    Parameter parameter =
        Parameter.builder()
            .setName(name)
            .setType(Parameter.Type.OTHER)
            .optInitializer(Initializer.ZEROS)
            .optShape(new Shape(shape))
            .build();
    parameter.initialize(manager, DataType.FLOAT32);
    GradientSteps.memory(parameter.getArray()).put(0, TestNetworks.weight(name, shape));
    return parameter;
  }
}
