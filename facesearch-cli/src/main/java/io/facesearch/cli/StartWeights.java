package io.facesearch.cli;

import io.facesearch.embed.Architecture;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.Weights;
import java.io.IOException;
import java.nio.file.Path;

/** The backbone that a training begins with. */
final class StartWeights {
  private StartWeights() {}

  /**
   * Creates a network with the backbone of a checkpoint or of a file of weights; a head of that
   * file is passed over.
   */
  static FaceNetwork network(Architecture architecture, long seed, Path file) throws IOException {
    FaceNetwork network = FaceNetwork.create(architecture, ComputeDevice.cpu(), seed);
    try {
      network.loadBackbone(Weights.read(file), true);
      return network;
    } catch (IOException | RuntimeException e) {
      network.close();
      throw e;
    }
  }
}
