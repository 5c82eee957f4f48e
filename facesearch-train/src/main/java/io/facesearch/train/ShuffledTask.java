package io.facesearch.train;

/** A task that sees all images in turn, in batches of random order. */
abstract class ShuffledTask implements TrainingTask {
  private final int batch;

  /**
   * Checks the size of a batch.
   *
   * @param batch images, at least 2
   */
  ShuffledTask(int batch) {
    if (batch < 2) {
      throw new IllegalArgumentException("batch must be at least 2, but is: " + batch);
    }
    this.batch = batch;
  }

  @Override
  public final Samplers.Sampler sampler(Inputs inputs, long seed) {
    return Samplers.shuffled(inputs.size(), batch, seed);
  }
}
