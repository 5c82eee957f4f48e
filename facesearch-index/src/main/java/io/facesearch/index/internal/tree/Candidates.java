package io.facesearch.index.internal.tree;

/**
 * Compares with a query what codes do not exclude, and tells how near a vector must be to matter.
 * Vectors are known by their row, the place of their codes. One search at a time; not thread-safe.
 */
public abstract class Candidates {
  /** So many are compared at a time, at most. */
  public static final int MOST = TreeRows.Reader.MOST;

  /** Whether a vector may be found at all. */
  public abstract boolean accepts(int row);

  /** Compares the first rows of an array, which were accepted. */
  public abstract void compare(int[] rows, int count);

  /**
   * Vectors with a squared distance above this need not be compared any more; infinite as long as
   * all must be.
   */
  public abstract double squaredLimit();

  /** How many were found so far, at most as many as are wanted. */
  public abstract int size();

  /** Takes into account that vectors with a squared distance above this are not wanted. */
  void lowerLimit(double squared) {
    throw new UnsupportedOperationException("only searches of a tree are shared by threads");
  }
}
