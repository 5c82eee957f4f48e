package io.facesearch.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.facesearch.AlignmentTemplate;
import io.facesearch.DecisionThreshold;
import io.facesearch.Rate;
import io.facesearch.StrangerRates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of weights that were damaged: a typed exception or a sound file, and nothing else. */
class DamagedWeightsTest {
  @TempDir private Path folder;

  private static byte[] mutate(byte[] file, Random random) {
    byte[] changed = file.clone();
    int at = random.nextInt(random.nextInt(3) == 0 ? Math.min(500, file.length) : file.length);
    switch (random.nextInt(5)) {
      case 0 -> changed[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> changed[at] = (byte) random.nextInt(256);
      case 2 -> {
        for (int i = at; i < Math.min(file.length, at + 8); i++) {
          changed[i] = (byte) (random.nextBoolean() ? 0xff : random.nextInt(256));
        }
      }
      case 3 -> changed = Arrays.copyOf(file, at);
      default -> {
        int from = random.nextInt(file.length);
        System.arraycopy(file, from, changed, at, Math.min(64, file.length - Math.max(at, from)));
      }
    }
    return changed;
  }

  private static String content(Path file) throws IOException {
    Weights weights = Weights.read(file);
    List<String> all = new ArrayList<>();
    for (String name : weights.names()) {
      String values;
      try {
        values = Arrays.toString(weights.values(name));
      } catch (WeightsFormatException e) {
        values = "no floating point";
      }
      all.add(name + Arrays.toString(weights.shape(name)) + values);
    }
    return all.toString();
  }

  /** Returns how many were read with another content. */
  private int damage(byte[] whole, int standard) throws IOException {
    Path file = folder.resolve("damaged");
    Files.write(file, whole);
    String expected = content(file);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int others = 0;
    int mutations = Integer.getInteger("facesearch.test.mutations", standard);
    for (int i = 0; i < mutations; i++) {
      Files.write(file, mutate(whole, random));
      try {
        others += content(file).equals(expected) ? 0 : 1;
      } catch (WeightsFormatException e) {
        assertThat(e.getMessage()).as("mutation %s of seed %s", i, seed).contains("" + file);
      } catch (IOException | RuntimeException | Error e) {
        throw new AssertionError("mutation " + i + " of seed " + seed, e);
      }
    }
    return others;
  }

  @Test
  void safetensors() throws IOException {
    Path file = folder.resolve("weights");
    Map<String, float[]> tensors = new LinkedHashMap<>();
    tensors.put("a", new float[] {1, 2, 3});
    tensors.put("b", new float[100]);
    Weights.write(file, tensors, Map.of("format", "pt"));
    damage(Files.readAllBytes(file), 1000);
  }

  @Test
  void filesOfPyTorch() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(Path.of("src/test/resources"))) {
      files =
          all.filter(f -> f.toString().endsWith(".pth"))
              .filter(f -> f.toFile().length() < 100_000)
              .sorted()
              .toList();
    }
    int read = 0;
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      Files.write(folder.resolve("whole"), bytes);
      try {
        content(folder.resolve("whole"));
      } catch (WeightsFormatException e) {
        continue; // made to be refused
      }
      read++;
      int others = damage(bytes, 500);
      if (bytes[0] == 'P') {
        // Checksums of zip: what is read is what was written.
        assertThat(others).as("%s", file).isZero();
      }
    }
    assertThat(read).isGreaterThanOrEqualTo(2);
  }

  /** Puts odd things in the place of each member and element, and leaves each out. */
  private static void damage(JsonElement at, Runnable check) {
    List<String> odd =
        List.of("null", "[]", "{}", "[[]]", "[1]", "\"x\"", "-1", "0", "1e99", "true");
    if (at instanceof JsonObject object) {
      for (String key : List.copyOf(object.keySet())) {
        JsonElement was = object.remove(key);
        check.run();
        for (String other : odd) {
          object.add(key, JsonParser.parseString(other));
          check.run();
        }
        object.add(key, was);
        damage(was, check);
      }
    } else if (at instanceof JsonArray array) {
      for (int i = 0; i < array.size(); i++) {
        JsonElement was = array.get(i);
        for (String other : odd) {
          array.set(i, JsonParser.parseString(other));
          check.run();
        }
        array.set(i, was);
        damage(was, check);
      }
      array.add(array.get(0));
      check.run();
      array.remove(array.size() - 1);
    }
  }

  @Test
  void descriptionsOfModels() {
    DecisionThreshold threshold =
        new DecisionThreshold(1, 1.2, 1, 0.001, new Rate(0, 0, 1), null, "pairs")
            .withStrangers(
                new StrangerRates(
                    List.of(
                        new StrangerRates.Curve(
                            1,
                            List.of(
                                new StrangerRates.Point(0.5, 1e-5),
                                new StrangerRates.Point(1.2, 0.1))))));
    ModelDescription whole =
        new ModelDescription(
            "name", "none", Preprocessing.arcFace(), AlignmentTemplate.arcFace112(), threshold);
    JsonObject json = whole.toJson();
    assertThat(ModelDescription.fromJson("file", json).toJson()).isEqualTo(json);
    int[] refused = {0};
    damage(
        json,
        () -> {
          try {
            ModelDescription.fromJson("file", json);
          } catch (WeightsFormatException e) {
            assertThat(e).hasMessageContaining("file");
            refused[0]++;
          } catch (RuntimeException e) {
            throw new AssertionError(json.toString(), e);
          }
        });
    assertThat(refused[0]).isGreaterThan(300);
    // What is read beside it, such as the fingerprint of a checkpoint.
    json.add("odd", new JsonObject());
    assertThatThrownBy(() -> ModelDescription.member("file", json, "odd", JsonElement::getAsString))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining("file: \"odd\"");
  }
}
