package io.facesearch.index;

/**
 * How a node of a {@link SigmoidTreeIndex} finds the direction W that it splits its faces along.
 * All split in the middle, so that halves are balanced; all are deterministic.
 */
public enum SplitStrategy {
  /** The direction of greatest variance of a sample (power iteration). */
  PRINCIPAL,

  /** From one center to the other of two clusters of a sample (2-means). */
  TWO_MEANS,

  /** A random direction, as in random projection trees. The cheapest. */
  RANDOM,

  /**
   * Learned by gradient through the sigmoid, so that near neighbors fall on one side and halves
   * stay balanced. Building takes a few times as long.
   */
  LEARNED
}
