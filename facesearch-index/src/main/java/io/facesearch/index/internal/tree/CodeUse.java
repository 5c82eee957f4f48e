package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.BoundKernel;
import io.facesearch.index.internal.quantize.Kernels;
import io.facesearch.index.internal.quantize.Packing;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import org.jspecify.annotations.Nullable;

/** Decides whether a tree gets {@link QuantizedVectors}. */
public interface CodeUse {
  /** The codes for a tree, or null if it does without. */
  @Nullable QuantizedVectors codes(SplitTree tree);

  /** Where the tree alone would compare many vectors; with the best kernel. */
  CodeUse WHERE_USEFUL =
      tree ->
          TreeTrial.excludesEnough(tree)
              ? null
              : CodeTrial.best(
                  Kernels.best(), Kernels.best(), tree.rows, tree.size(), tree.dimension);

  /** All dimensions, wherever they can be proved right. */
  static CodeUse whole(BoundKernel kernel, Packing packing) {
    return tree -> QuantizedVectors.whole(kernel, packing, tree.rows, tree.size(), tree.dimension);
  }

  /** Never. */
  CodeUse NEVER = tree -> null;

  /** Wherever they can be proved right. */
  static CodeUse always(BoundKernel kernel) {
    return tree -> QuantizedVectors.of(kernel, tree.rows, tree.size(), tree.dimension);
  }
}
