package io.facesearch.cli;

import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.Weights;
import java.io.IOException;
import java.nio.file.Path;

/** The backbone that a training begins with. */
final class StartWeights {
  private StartWeights() {}

  /** Loads the backbone of a checkpoint or of a file of weights; a head is passed over. */
  static void load(FaceNetwork network, Path file) throws IOException {
    network.loadBackbone(Weights.read(file), true);
  }
}
