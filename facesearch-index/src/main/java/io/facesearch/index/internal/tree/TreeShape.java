package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.Packing;

/**
 * How a tree is made; a file is used as it is only by an index that would make the same.
 *
 * @param kernel its layout, or "" where there are no codes
 */
public record TreeShape(
    int leafSize, int maxDepth, String split, boolean approximate, String kernel) {
  /** For who wants the faces only. */
  public static final TreeShape NONE = new TreeShape(0, 0, "", false, "");

  /** Whether an index with these settings can go on with a tree that was made with others. */
  public boolean allow(TreeShape made) {
    return leafSize == made.leafSize
        && maxDepth == made.maxDepth
        && split.equals(made.split)
        && approximate == made.approximate
        && (made.kernel.isEmpty() || kernel.equals(made.kernel) || Packing.of(made.kernel) != null);
  }
}
