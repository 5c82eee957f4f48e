package io.facesearch.train;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Moves the weights. PyTorch's memory is read and written in place: the sums are plain loops that
 * the JVM vectorises, and nothing is left behind for the collector.
 */
final class GradientSteps {
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.999f;
  private static final float EPSILON = 1e-8f;
  private static final String HEAD = "embedding.";

  /** One learned parameter, with its moments. */
  private static final class Slot {
    final String name;
    final NDArray array;
    final boolean decays;
    final double rate;
    final float[] weight;
    final float[] gradient;
    final float[] first;
    final float[] second;

    Slot(String name, Parameter parameter, OptimizerSettings settings) {
      this.name = name;
      rate = name.startsWith(HEAD) ? settings.headRate() : 1;
      array = parameter.getArray();
      // Vectors are biases and batch normalisation.
      decays = array.getShape().dimension() > 1;
      int n = Math.toIntExact(array.size());
      weight = new float[n];
      gradient = new float[n];
      first = new float[n];
      second = settings.kind() == OptimizerSettings.Kind.SGD ? new float[0] : new float[n];
    }
  }

  private final OptimizerSettings settings;
  private final List<Slot> slots = new ArrayList<>();

  GradientSteps(OptimizerSettings settings, Map<String, Parameter> parameters) {
    this.settings = settings;
    parameters.forEach(
        (name, parameter) -> {
          if (parameter.requiresGradient()) {
            slots.add(new Slot(name, parameter, settings));
          }
        });
  }

  int parameters() {
    return slots.stream().mapToInt(s -> s.weight.length).sum();
  }

  static FloatBuffer memory(NDArray array) {
    return array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  /**
   * Moves all weights and sets the gradients to 0.
   *
   * @param step from 0
   * @param rate learning rate of the backbone
   * @return the global norm of the gradient, before clipping
   */
  double step(long step, double rate) {
    double squares = 0;
    for (Slot slot : slots) {
      if (!slot.array.hasGradient()) {
        // A bias before a batch normalisation of one value, for instance, may have none.
        java.util.Arrays.fill(slot.gradient, 0);
        continue;
      }
      try (NDArray gradient = slot.array.getGradient()) {
        memory(gradient).get(0, slot.gradient);
        gradient.muli(0);
      }
      double sum = 0;
      for (float g : slot.gradient) {
        sum += (double) g * g;
      }
      squares += sum;
    }
    double norm = Math.sqrt(squares);
    float scale = norm > settings.clipNorm() ? (float) (settings.clipNorm() / norm) : 1;
    if (!Double.isFinite(norm)) {
      return norm;
    }
    for (Slot slot : slots) {
      FloatBuffer memory = memory(slot.array);
      memory.get(0, slot.weight);
      float decay = slot.decays ? (float) settings.weightDecay() : 0;
      float own = (float) (rate * slot.rate);
      switch (settings.kind()) {
        case SGD -> sgd(slot, scale, own, decay, step);
        case ADAM -> adam(slot, scale, own, decay, 1, step);
        case ADAMW -> adam(slot, scale, own, 0, 1 - own * decay, step);
      }
      memory.put(0, slot.weight);
    }
    return norm;
  }

  private void sgd(Slot slot, float scale, float rate, float decay, long step) {
    float momentum = (float) settings.momentum();
    float[] w = slot.weight;
    float[] g = slot.gradient;
    float[] m = slot.first;
    for (int i = 0; i < w.length; i++) {
      float x = scale * g[i] + decay * w[i];
      m[i] = step == 0 ? x : momentum * m[i] + x;
      w[i] -= rate * m[i];
    }
  }

  private static void adam(Slot slot, float scale, float rate, float decay, float keep, long step) {
    float correction1 = (float) (1 - Math.pow(BETA1, step + 1));
    float correction2 = (float) Math.sqrt(1 - Math.pow(BETA2, step + 1));
    float size = rate / correction1;
    float[] w = slot.weight;
    float[] g = slot.gradient;
    float[] m = slot.first;
    float[] v = slot.second;
    for (int i = 0; i < w.length; i++) {
      float x = scale * g[i] + decay * w[i];
      m[i] = BETA1 * m[i] + (1 - BETA1) * x;
      v[i] = BETA2 * v[i] + (1 - BETA2) * x * x;
      w[i] = keep * w[i] - size * m[i] / ((float) Math.sqrt(v[i]) / correction2 + EPSILON);
    }
  }

  /** The moments, by name; the arrays themselves. */
  Map<String, float[]> state() {
    Map<String, float[]> state = new LinkedHashMap<>();
    for (Slot slot : slots) {
      state.put("first/" + slot.name, slot.first);
      if (slot.second.length > 0) {
        state.put("second/" + slot.name, slot.second);
      }
    }
    return state;
  }
}
