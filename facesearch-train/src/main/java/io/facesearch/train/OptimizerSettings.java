package io.facesearch.train;

import java.util.Objects;

/**
 * How an optimizer changes the weights. The learning rate rises linearly over {@code warmUp} steps,
 * then falls along a cosine to 0 at the last step. Weight decay does not apply to batch
 * normalization and biases. Immutable and thread-safe.
 *
 * @param kind the algorithm
 * @param learningRate the highest learning rate, above 0
 * @param weightDecay 0 for none; in ADAM and SGD it is added to the gradient, in ADAMW it shrinks
 *     the weights directly
 * @param momentum of SGD, 0 to less than 1; ADAM and ADAMW always use 0.9 and 0.999
 * @param warmUp number of steps, at least 0
 * @param clipNorm largest global L2 norm of the gradient; infinity for no clipping
 * @param headRate learning rate of the head as a share of that of the backbone, above 0. ADAM and
 *     ADAMW move all weights of a hidden unit of the head by about the learning rate. Since its
 *     inputs, pooled after ReLU6, are all positive, these moves add up, and at rates that suit a
 *     new backbone they switch the unit off permanently
 */
public record OptimizerSettings(
    Kind kind,
    double learningRate,
    double weightDecay,
    double momentum,
    int warmUp,
    double clipNorm,
    double headRate) {

  /** The algorithm. */
  public enum Kind {
    /** Kingma and Ba, 2014. */
    ADAM,
    /** Loshchilov and Hutter, 2017: weight decay is separate from the gradient. */
    ADAMW,
    /** Stochastic gradient descent, with PyTorch's momentum. */
    SGD
  }

  /** Checks the ranges. */
  public OptimizerSettings {
    Objects.requireNonNull(kind, "kind");
    require(learningRate > 0 && learningRate < 1e3, "learningRate must be above 0", learningRate);
    require(weightDecay >= 0 && weightDecay < 1e3, "weightDecay must be at least 0", weightDecay);
    require(momentum >= 0 && momentum < 1, "momentum must be 0 to less than 1", momentum);
    require(warmUp >= 0, "warmUp must be at least 0", warmUp);
    require(clipNorm > 0, "clipNorm must be above 0", clipNorm);
    require(headRate > 0 && headRate < 1e3, "headRate must be above 0", headRate);
  }

  private static void require(boolean fine, String rule, double value) {
    if (!fine) {
      throw new IllegalArgumentException(rule + ", but is: " + value);
    }
  }

  /** The learning rate of a step, counted from 0. */
  double rate(long step, long steps) {
    if (step < warmUp) {
      return learningRate * (step + 1) / warmUp;
    }
    double done = (double) (step - warmUp) / Math.max(1, steps - warmUp);
    return learningRate * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done)));
  }
}
