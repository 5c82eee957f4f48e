package io.facesearch.embed;

import ai.djl.ndarray.NDArray;

/** What follows a convolution or a linear layer. */
enum Activation {
  NONE,
  RELU,
  RELU6,
  TANH;

  /** The result; the argument stays open. */
  NDArray apply(NDArray x) {
    return switch (this) {
      case NONE -> x;
      case RELU -> ai.djl.nn.Activation.relu(x);
      case RELU6 -> x.clip(0, 6);
      case TANH -> x.tanh();
    };
  }

  /** The result; closes the argument if it is another array. */
  NDArray applyClosing(NDArray x) {
    return applyClosing(x, false);
  }

  /**
   * The result; closes the argument if it is another array.
   *
   * @param recorded whether its gradient will be asked for
   */
  NDArray applyClosing(NDArray x, boolean recorded) {
    NDArray y = recorded && this == RELU6 ? HardTanh.relu6(x) : apply(x);
    if (y != x) {
      x.close();
    }
    return y;
  }
}
