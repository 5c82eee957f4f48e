package io.facesearch.embed;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A network for inference: a list of steps whose convolutions have batch normalization folded into
 * weight and bias. Values are numbered: 0 is the input, {@code i + 1} the result of step i; the
 * last is the result. Plain arrays, no native memory; both backends are made from it.
 */
record FoldedNetwork(List<Step> steps, int dimension) {

  /** One operation. */
  sealed interface Step
      permits Conv, Add, MaxPool, MeanPool, Pad, Average, Flatten, Dense, Normalize {}

  /** Convolution with bias, square. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Conv(
      int x,
      float[] weight,
      float[] bias,
      int in,
      int out,
      int kernel,
      int stride,
      int padding,
      int groups,
      Activation activation)
      implements Step {}

  /** Sum of two values. */
  record Add(int x, int y, Activation activation) implements Step {}

  /** Maximum over 3x3 pixels in steps of 2. */
  record MaxPool(int x, int padding) implements Step {}

  /** Mean over 2x2 pixels in steps of 2; an odd last row or column is left out. */
  record MeanPool(int x) implements Step {}

  /** Zeros added at the bottom and the right, and as further channels. */
  record Pad(int x, int sides, int channels) implements Step {}

  /** Mean over height and width: N x C x h x w to N x C. */
  record Average(int x) implements Step {}

  /** A feature map as a vector: N x C x h x w to N x (C h w). */
  record Flatten(int x) implements Step {}

  /** Linear layer with bias. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Dense(int x, float[] weight, float[] bias, int in, int out, Activation activation)
      implements Step {}

  /** Division by the L2 norm, which counts as at least 1e-12. */
  record Normalize(int x) implements Step {}

  static Builder builder() {
    return new Builder(null);
  }

  /** With what layers are folded from. */
  static Builder builder(TensorFile weights) {
    return new Builder(weights);
  }

  /** Collects the steps; each method gives the number of its result. */
  static final class Builder {
    private final List<Step> steps = new ArrayList<>();
    private final @Nullable TensorFile weights;

    private Builder(@Nullable TensorFile weights) {
      this.weights = weights;
    }

    int convolution(int x, Convolution conv, BatchNormalization norm, Activation activation) {
      float[] weight = values(conv, "weight");
      float[] scale = values(norm, "weight");
      float[] shift = values(norm, "bias");
      float[] mean = values(norm, "running_mean");
      float[] variance = values(norm, "running_var");
      float[] bias = new float[conv.out()];
      int size = weight.length / conv.out();
      for (int c = 0; c < bias.length; c++) {
        double factor = scale[c] / Math.sqrt((double) variance[c] + BatchNormalization.EPSILON);
        bias[c] = (float) (shift[c] - mean[c] * factor);
        for (int i = c * size; i < (c + 1) * size; i++) {
          weight[i] = (float) (weight[i] * factor);
        }
      }
      return add(
          new Conv(
              x,
              weight,
              bias,
              conv.in(),
              conv.out(),
              conv.kernel(),
              conv.stride(),
              conv.padding(),
              conv.groups(),
              activation));
    }

    int add(int x, int y, Activation activation) {
      return add(new Add(x, y, activation));
    }

    int maxPool(int x, int padding) {
      return add(new MaxPool(x, padding));
    }

    int average(int x) {
      return add(new Average(x));
    }

    int dense(int x, FullyConnected layer, Activation activation) {
      float[] bias = values(layer, "bias");
      float[] weight = values(layer, "weight");
      return add(new Dense(x, weight, bias, weight.length / bias.length, bias.length, activation));
    }

    int normalize(int x) {
      return add(new Normalize(x));
    }

    int add(Step step) {
      steps.add(step);
      return steps.size();
    }

    FoldedNetwork build(int dimension) {
      return new FoldedNetwork(List.copyOf(steps), dimension);
    }

    private float[] values(Layer layer, String local) {
      long[] shape = Objects.requireNonNull(layer.shapes().get(local)).getShape();
      return Objects.requireNonNull(weights).floats(layer.name() + "." + local, shape);
    }
  }
}
