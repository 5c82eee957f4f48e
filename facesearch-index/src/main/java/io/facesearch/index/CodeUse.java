package io.facesearch.index;

/** Decides whether a tree gets {@link PointCodes}. */
interface CodeUse {
  /** The codes for a tree, or null if it does without. */
  PointCodes codes(SplitTree tree);

  /** Where the tree alone would compare many vectors; with the best kernel. */
  CodeUse WHERE_USEFUL =
      tree -> TreeTrial.excludesEnough(tree) ? null : CodeTrial.best(Kernels.best(), tree);

  /** All dimensions, wherever they can be proved right. */
  static CodeUse whole(BoundKernel kernel, Packing packing) {
    return tree -> PointCodes.whole(kernel, packing, tree.rows, tree.size(), tree.dimension);
  }

  /** Never. */
  CodeUse NEVER = tree -> null;

  /** Wherever they can be proved right. */
  static CodeUse always(BoundKernel kernel) {
    return tree -> PointCodes.of(kernel, tree.rows, tree.size(), tree.dimension);
  }
}
