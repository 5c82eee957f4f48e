package io.facesearch.index;

/**
 * How a node of a {@link SigmoidTreeIndex} finds the direction W that it splits its faces along.
 * All split in the middle, so that halves are balanced; all are deterministic.
 */
public enum SplitStrategy {
  /** The direction of greatest variance of a sample (power iteration). */
  PRINCIPAL(SplitDirection.PRINCIPAL),

  /** From one centre to the other of two clusters of a sample (2-means). */
  TWO_MEANS(SplitDirection.TWO_MEANS),

  /** A random direction, as in random projection trees. The cheapest. */
  RANDOM(SplitDirection.RANDOM),

  /**
   * Learned by gradient through the sigmoid, so that near neighbours fall on one side and halves
   * stay balanced. Building takes a few times as long.
   */
  LEARNED(SplitDirection.LEARNED);

  final SplitDirection direction;

  SplitStrategy(SplitDirection direction) {
    this.direction = direction;
  }
}
