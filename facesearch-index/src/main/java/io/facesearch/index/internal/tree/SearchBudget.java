package io.facesearch.index.internal.tree;

/**
 * How much of an index a search may leave out. Immutable and thread-safe.
 *
 * @see TreeIndex#search(io.facesearch.Embedding, int, SearchBudget)
 */
public final class SearchBudget {
  /** Nothing: the search is exact. */
  public static final SearchBudget EXACT = new SearchBudget(1, 1);

  /** Recall that is asked for; NaN if a share of the leaves is. */
  final double recall;

  /** Share of the leaves that is asked for; NaN if a recall is. */
  final double leaves;

  private SearchBudget(double recall, double leaves) {
    this.recall = recall;
    this.leaves = leaves;
  }

  /**
   * The cheapest search whose recall reached this on held-out queries when the tree was built.
   * Where no approximate search reached it, the search is exact.
   *
   * @param recall the share of the k nearest faces that is to be found on average, above 0 and at
   *     most 1; 1 is exact
   * @return the budget
   * @throws IllegalArgumentException if out of range
   */
  public static SearchBudget recall(double recall) {
    return recall == 1 ? EXACT : new SearchBudget(check("recall", recall), Double.NaN);
  }

  /**
   * The leaves whose means are nearest to the query, and the neighbors of what they hold.
   *
   * @param share the share of all leaves, above 0 and at most 1; 1 is exact
   * @return the budget
   * @throws IllegalArgumentException if out of range
   */
  public static SearchBudget leaves(double share) {
    return share == 1 ? EXACT : new SearchBudget(Double.NaN, check("share of leaves", share));
  }

  private static double check(String what, double value) {
    if (!(value > 0 && value <= 1)) {
      throw new IllegalArgumentException(what + " must be above 0 and at most 1, but is: " + value);
    }
    return value;
  }

  @Override
  public String toString() {
    if (this == EXACT) {
      return "SearchBudget[exact]";
    }
    return Double.isNaN(recall)
        ? "SearchBudget[leaves " + leaves + "]"
        : "SearchBudget[recall " + recall + "]";
  }
}
