package io.facesearch.train;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Moves the weights. PyTorch's memory is read and written in place: the sums are plain loops that
 * the JVM vectorizes, and nothing is left behind for the collector.
 */
final class GradientSteps {
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.999f;
  private static final float EPSILON = 1e-8f;
  private static final String HEAD = "embedding.";

  /** Weights that are moved at once: few enough for the nearest cache. */
  private static final int CHUNK = 2048;

  private static final float[] ZEROS = new float[CHUNK];

  /** One learned parameter, with its moments. */
  private static final class Slot {
    final String name;
    final NDArray array;
    final boolean decays;
    final double rate;
    final float[] gradient;
    final float[] first;
    final float[] second;

    Slot(String name, Parameter parameter, OptimizerSettings settings) {
      this.name = name;
      rate = name.startsWith(HEAD) ? settings.headRate() : 1;
      array = parameter.getArray();
      // Vectors are biases and batch normalization.
      decays = array.getShape().dimension() > 1;
      int n = Math.toIntExact(array.size());
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
    return slots.stream().mapToInt(s -> s.gradient.length).sum();
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
    // Summed in order, so that a run is repeatable.
    double[] squares = new double[slots.size()];
    IntStream.range(0, squares.length)
        .parallel()
        .forEach(i -> squares[i] = takeGradient(slots.get(i)));
    double norm = Math.sqrt(Arrays.stream(squares).reduce(0, Double::sum));
    float scale = norm > settings.clipNorm() ? (float) (settings.clipNorm() / norm) : 1;
    if (Double.isFinite(norm)) {
      slots.parallelStream().forEach(slot -> move(slot, scale, (float) (rate * slot.rate), step));
    }
    return norm;
  }

  /** Reads the gradient of a parameter and sets it to 0; gives the sum of its squares. */
  private static double takeGradient(Slot slot) {
    if (!slot.array.hasGradient()) {
      // A bias before a batch normalization of one value, for instance, may have none.
      Arrays.fill(slot.gradient, 0);
      return 0;
    }
    double squares = 0;
    try (NDArray gradient = slot.array.getGradient()) {
      FloatBuffer memory = memory(gradient);
      for (int from = 0; from < slot.gradient.length; from += CHUNK) {
        int n = Math.min(CHUNK, slot.gradient.length - from);
        memory.get(from, slot.gradient, from, n);
        memory.put(from, ZEROS, 0, n);
        squares += squares(slot.gradient, from, from + n);
      }
    }
    return squares;
  }

  private void move(Slot slot, float scale, float rate, long step) {
    FloatBuffer memory = memory(slot.array);
    float decay = slot.decays ? (float) settings.weightDecay() : 0;
    float[] weight = new float[CHUNK];
    for (int from = 0; from < slot.gradient.length; from += CHUNK) {
      int n = Math.min(CHUNK, slot.gradient.length - from);
      memory.get(from, weight, 0, n);
      switch (settings.kind()) {
        case SGD -> sgd(slot, weight, from, n, scale, rate, decay, step);
        case ADAM -> adam(slot, weight, from, n, scale, rate, decay, 1, step);
        case ADAMW -> adam(slot, weight, from, n, scale, rate, 0, 1 - rate * decay, step);
      }
      memory.put(from, weight, 0, n);
    }
  }

  /** Four sums, as each addition waits for the one before. */
  private static double squares(float[] values, int from, int to) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = from;
    for (; i + 3 < to; i += 4) {
      a += (double) values[i] * values[i];
      b += (double) values[i + 1] * values[i + 1];
      c += (double) values[i + 2] * values[i + 2];
      d += (double) values[i + 3] * values[i + 3];
    }
    for (; i < to; i++) {
      a += (double) values[i] * values[i];
    }
    return a + b + (c + d);
  }

  private void sgd(
      Slot slot, float[] w, int from, int n, float scale, float rate, float decay, long step) {
    float momentum = (float) settings.momentum();
    float[] g = slot.gradient;
    float[] m = slot.first;
    for (int i = 0; i < n; i++) {
      float x = scale * g[from + i] + decay * w[i];
      m[from + i] = step == 0 ? x : momentum * m[from + i] + x;
      w[i] -= rate * m[from + i];
    }
  }

  private static void adam(
      Slot slot,
      float[] w,
      int from,
      int n,
      float scale,
      float rate,
      float decay,
      float keep,
      long step) {
    float correction1 = (float) (1 - Math.pow(BETA1, step + 1));
    float correction2 = (float) Math.sqrt(1 - Math.pow(BETA2, step + 1));
    // Both parts of the usual quotient times correction2: one division less.
    float size = rate / correction1 * correction2;
    float epsilon = EPSILON * correction2;
    float[] g = slot.gradient;
    float[] m = slot.first;
    float[] v = slot.second;
    for (int i = 0; i < n; i++) {
      float x = scale * g[from + i] + decay * w[i];
      float first = BETA1 * m[from + i] + (1 - BETA1) * x;
      float second = BETA2 * v[from + i] + (1 - BETA2) * x * x;
      m[from + i] = first;
      v[from + i] = second;
      w[i] = keep * w[i] - size * first / ((float) Math.sqrt(second) + epsilon);
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
