package io.facesearch.embed;

import ai.djl.ndarray.NDArray;

/** What follows a convolution. */
enum Activation {
  NONE,
  RELU,
  RELU6;

  /** The result; the argument stays open. */
  NDArray apply(NDArray x) {
    return switch (this) {
      case NONE -> x;
      case RELU -> ai.djl.nn.Activation.relu(x);
      case RELU6 -> x.clip(0, 6);
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
