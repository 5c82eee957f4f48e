package io.facesearch.embed;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Weights and inputs by the formula of tools/make_fixtures.py, and its reference outputs. */
final class TestWeights {
  private TestWeights() {}

  /** dlib's weights, which lie in a module that depends on this one. */
  static byte[] dlib() {
    try {
      return Files.readAllBytes(
          Path.of(
              "../facesearch-model-dlib/src/main/resources/io/facesearch/dlib"
                  + "/dlib_face_recognition_fp16.safetensors"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double[] uniform(String name, int n) {
    int seed = 0x811c9dc5;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      seed = (seed ^ (b & 0xff)) * 0x01000193;
    }
    double[] u = new double[n];
    for (int i = 0; i < n; i++) {
      int x = seed + i * 0x9e3779b9;
      x ^= x >>> 16;
      x *= 0x85ebca6b;
      x ^= x >>> 13;
      x *= 0xc2b2ae35;
      x ^= x >>> 16;
      u[i] = (x >>> 8) / (double) (1 << 24);
    }
    return u;
  }

  private static int size(long[] shape) {
    long n = 1;
    for (long side : shape) {
      n *= side;
    }
    return (int) n;
  }

  static float[] weight(String name, long... shape) {
    double[] u = uniform(name, size(shape));
    float[] values = new float[u.length];
    boolean vector = shape.length == 1;
    double bound = vector ? 0 : Math.sqrt(3.0 * shape[0] / size(shape));
    for (int i = 0; i < values.length; i++) {
      if (name.endsWith("running_var") || vector && name.endsWith("weight")) {
        values[i] = (float) (0.5 + u[i]);
      } else {
        values[i] = (float) (vector ? 0.4 * (u[i] - 0.5) : (2 * u[i] - 1) * bound);
      }
    }
    return values;
  }

  static float[] input(long... shape) {
    double[] u = uniform("input", size(shape));
    float[] values = new float[u.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (4 * (u[i] - 0.5));
    }
    return values;
  }

  /** All parameters of a network. */
  static HeapTensors of(Architecture architecture) {
    Map<String, long[]> shapes = FaceNetwork.shapes(architecture);
    Map<String, float[]> values = new LinkedHashMap<>();
    shapes.forEach((name, shape) -> values.put(name, weight(name, shape)));
    return new HeapTensors("formula", shapes, values);
  }

  static Safetensors fixture(String name) {
    return Safetensors.parse(name, bytes(name));
  }

  static byte[] bytes(String name) {
    try (InputStream in = TestWeights.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
