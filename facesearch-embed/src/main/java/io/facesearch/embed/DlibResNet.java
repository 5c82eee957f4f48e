package io.facesearch.embed;

/**
 * The 128-d face descriptor network: a ResNet-29 whose affine layers are folded into convolutions.
 */
final class DlibResNet {
  /** Width and height of the input, pixels. */
  static final int SIZE = 150;

  /** Length of a descriptor. */
  static final int DIMENSION = 128;

  private static final String[] BLOCKS = {
    "conv32_1",
    "conv32_2",
    "conv32_3",
    "conv64_down",
    "conv64_1",
    "conv64_2",
    "conv64_3",
    "conv128_down",
    "conv128_1",
    "conv128_2",
    "conv256_down",
    "conv256_1",
    "conv256_2",
    "conv256_down_out"
  };

  private DlibResNet() {}

  /**
   * The network for inputs of N x 3 x 150 x 150, mean subtracted and divided by 255.
   *
   * @param weights names and shapes as in the bundled file
   * @throws WeightsFormatException if a tensor is missing or has another shape
   */
  static FoldedNetwork network(Safetensors weights) {
    FoldedNetwork.Builder network = FoldedNetwork.builder();
    int side = SIZE;
    int from = 32;
    int x = conv(network, weights, "conv32_down", 0, 3, from, 7, 2, Activation.RELU);
    x = network.maxPool(x, 0);
    side = (side - 7) / 2 + 1;
    side = (side - 3) / 2 + 1;
    for (String name : BLOCKS) {
      boolean down = name.contains("_down");
      int to = Integer.parseInt(name.substring(4, name.indexOf('_')));
      String first = name + ".conv1";
      int y = conv(network, weights, first, x, from, to, 3, down ? 2 : 1, Activation.RELU);
      y = conv(network, weights, name + ".conv2", y, to, to, 3, 1, Activation.NONE);
      if (down) {
        int smaller = (side - 3) / 2 + 1;
        side /= 2;
        x = network.add(new FoldedNetwork.MeanPool(x));
        if (smaller < side) {
          y = network.add(new FoldedNetwork.Pad(y, side - smaller, 0));
        }
        if (from < to) {
          x = network.add(new FoldedNetwork.Pad(x, 0, to - from));
        }
      }
      x = network.add(y, x, Activation.RELU);
      from = to;
    }
    x = network.average(x);
    float[] head = weights.floats("fc.weight", DIMENSION, from);
    float[] none = new float[DIMENSION];
    network.add(new FoldedNetwork.Dense(x, head, none, from, DIMENSION, Activation.NONE));
    return network.build(DIMENSION);
  }

  /** Convolutions of stride 2 have no padding. */
  private static int conv(
      FoldedNetwork.Builder network,
      Safetensors weights,
      String name,
      int x,
      int from,
      int to,
      int kernel,
      int stride,
      Activation activation) {
    float[] weight = weights.floats(name + ".weight", to, from, kernel, kernel);
    float[] bias = weights.floats(name + ".bias", to);
    int padding = stride == 1 ? kernel / 2 : 0;
    return network.add(
        new FoldedNetwork.Conv(x, weight, bias, from, to, kernel, stride, padding, 1, activation));
  }
}
