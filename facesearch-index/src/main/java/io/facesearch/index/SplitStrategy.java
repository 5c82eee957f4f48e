package io.facesearch.index;

/**
 * How a node of a {@link SigmoidTreeIndex} finds the direction W along which it splits its faces.
 * All strategies split in the middle, so that the halves are balanced, and all are deterministic.
 */
public enum SplitStrategy {
  /** The direction of greatest variance of a sample (power iteration). */
  PRINCIPAL,

  /** The direction between the centers of two clusters of a sample (2-means). */
  TWO_MEANS,

  /** A random direction, as in random projection trees. The cheapest. */
  RANDOM,

  /**
   * Learned by gradient descent through the sigmoid, so that near neighbors end up on the same side
   * and the halves stay balanced. Building takes several times as long.
   */
  LEARNED
}
