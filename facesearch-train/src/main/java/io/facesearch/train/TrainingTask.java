package io.facesearch.train;

import io.facesearch.embed.FaceNetwork;
import java.io.IOException;

/** What distinguishes triplets, distillation and attributes within a {@link TrainingRun}. */
interface TrainingTask {
  /** What the head is given, one row an image. */
  interface Features {
    float[][] read() throws IOException;
  }

  Objective objective(Inputs inputs);

  Samplers.Sampler sampler(Inputs inputs, long seed);

  /**
   * Called before the first step, not when a run is resumed.
   *
   * @param features what the head is given for some of the images
   */
  void start(FaceNetwork network, Objective objective, Features features) throws IOException;

  /** How good vectors of validation images are, 0 to 1. */
  default double score(Inputs images, float[][] vectors) {
    return NearestImage.recallAt1(images, vectors);
  }
}
