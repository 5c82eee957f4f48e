package io.facesearch.index.internal.tree;

/**
 * The rule of a node: with weights W and threshold t in (0,1), a vector f goes right when {@code
 * Sign(Sigmoid(W·f − t) − t) >= 0}, else left.
 *
 * <p>The sigmoid is strictly increasing, with inverse logit(t) = ln(t / (1 − t)), so the rule is a
 * hyperplane: {@code Sigmoid(W·f − t) >= t} holds exactly when {@code W·f >= t + logit(t)}. No
 * exponential is needed at query time, and the distance to the hyperplane bounds distances to the
 * other side.
 *
 * <p>The offset τ(t) = t + logit(t) rises strictly from −∞ to ∞ on (0,1), so every offset has
 * exactly one threshold. In double precision t near 1 has a resolution of 1e-16 only and is 1 from
 * τ ≈ 37.7 on; nodes therefore scale W so that |τ| stays at most {@link #OFFSET_RANGE} (the scale
 * of W does not move the plane), where a threshold gives its offset back to within 4e-15.
 */
public final class SigmoidRule {
  /** Nodes scale their weights so that all projections, and so the offset, lie within ±this. */
  static final double OFFSET_RANGE = 4;

  private SigmoidRule() {}

  /** 1 / (1 + e^-x), without cancellation on either side. */
  static double sigmoid(double x) {
    if (x >= 0) {
      return 1 / (1 + Math.exp(-x));
    }
    double e = Math.exp(x);
    return e / (1 + e);
  }

  /** The rule as it is defined; the index uses {@link #goesRight} instead. */
  static boolean goesRightBySigmoid(double projection, double threshold) {
    return Math.signum(sigmoid(projection - threshold) - threshold) >= 0;
  }

  /** The same rule as a hyperplane; {@code offset} is {@link #offset} of the threshold. */
  static boolean goesRight(double projection, double offset) {
    return projection >= offset;
  }

  /** τ(t) = t + ln(t / (1 − t)) for t in (0,1). */
  static double offset(double threshold) {
    if (!(threshold > 0 && threshold < 1)) {
      throw new IllegalArgumentException(
          "threshold must be between 0 and 1, both excluded, but is: " + threshold);
    }
    return threshold + (Math.log(threshold) - Math.log1p(-threshold));
  }

  /**
   * The threshold t with t + logit(t) = offset. With x = logit(t) it is t = Sigmoid(x) where
   * Sigmoid(x) + x = offset: the left side has a slope between 1 and 1.25, so Newton's method from
   * x = offset − 1/2 converges from everywhere, quadratically.
   */
  static double threshold(double offset) {
    if (!(Math.abs(offset) <= 32)) {
      throw new IllegalArgumentException(
          "offset must be between -32 and 32, but is: " + offset + "; scale the weights");
    }
    double x = offset - 0.5;
    for (int i = 0; i < 8; i++) {
      double t = sigmoid(x);
      x -= (t + x - offset) / (1 + t * (1 - t));
    }
    return sigmoid(x);
  }
}
