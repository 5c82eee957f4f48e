package io.facesearch.embed;

/** Which engine runs a folded network. */
final class Networks {
  private Networks() {}

  /** ONNX Runtime on the CPU, where it is the fastest by far; PyTorch on a GPU. */
  static Network of(
      String name,
      FoldedNetwork network,
      int threads,
      ComputeDevice device,
      Preprocessing preprocessing) {
    if (device.isGpu()) {
      return new PyTorchNetwork(network, device);
    }
    try (NativeBuffer model = OnnxWriter.write(network)) {
      return new OnnxNetwork(name, model.bytes(), threads, device, preprocessing.shape());
    }
  }
}
