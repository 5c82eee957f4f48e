package io.facesearch.train;

import ai.djl.nn.Parameter;
import io.facesearch.FaceImage;
import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.Preprocessing;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Weights and images by the formulas of tools/make_fixtures.py. */
final class TestNetworks {
  private TestNetworks() {}

  static float[] weight(String name, long... shape) {
    int n = 1;
    for (long side : shape) {
      n *= (int) side;
    }
    int seed = 0x811c9dc5;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      seed = (seed ^ (b & 0xff)) * 0x01000193;
    }
    boolean vector = shape.length == 1;
    double bound = vector ? 0 : Math.sqrt(3.0 / ((double) n / shape[0]));
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      int x = seed + i * 0x9e3779b9;
      x ^= x >>> 16;
      x *= 0x85ebca6b;
      x ^= x >>> 13;
      x *= 0xc2b2ae35;
      x ^= x >>> 16;
      double u = (x >>> 8) / (double) (1 << 24);
      if (name.endsWith("running_var") || vector && name.endsWith("weight")) {
        values[i] = (float) (0.5 + u);
      } else {
        values[i] = (float) (vector ? 0.4 * (u - 0.5) : (2 * u - 1) * bound);
      }
    }
    return values;
  }

  /** MobileNet-V2 with 128 dimensions. */
  static FaceNetwork network(boolean normalized) {
    FaceNetwork network =
        FaceNetwork.create(
            new Architecture(Backbone.MOBILENET_V2, 128, normalized), ComputeDevice.cpu());
    network
        .parameters()
        .forEach(
            (name, p) ->
                GradientSteps.memory(p.getArray())
                    .put(0, weight(name, p.getArray().getShape().getShape())));
    return network;
  }

  static Map<String, float[]> weights(FaceNetwork network) {
    Map<String, float[]> all = new LinkedHashMap<>();
    for (Map.Entry<String, Parameter> entry : network.parameters().entrySet()) {
      all.put(entry.getKey(), entry.getValue().getArray().toFloatArray());
    }
    return all;
  }

  static Preprocessing preprocessing(int size) {
    return Preprocessing.imageNet(size, size);
  }

  /** Patterns; image i is of person i / each. */
  static LabeledImages images(int people, int each, int size) {
    return new LabeledImages() {
      @Override
      public int size() {
        return people * each;
      }

      @Override
      public String name(int i) {
        return "image-" + i;
      }

      @Override
      public String identity(int i) {
        return "person-" + i / each;
      }

      @Override
      public FaceImage image(int s) {
        byte[] rgb = new byte[3 * size * size];
        int at = 0;
        for (int y = 0; y < size; y++) {
          for (int x = 0; x < size; x++) {
            for (int c = 0; c < 3; c++) {
              int checks = (x / 8 + y / 8 + c) % 2 * 60;
              rgb[at++] = (byte) ((x * (3 + s) + y * (5 + 2 * s) + 40 * c + checks) % 256);
            }
          }
        }
        return FaceImage.ofRgb(size, size, rgb);
      }
    };
  }
}
