package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.codec.MappedSection;
import io.facesearch.index.internal.codec.Section;
import io.facesearch.index.internal.file.TreeFile;
import io.facesearch.index.internal.quantize.CodeBlocks;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The arrays of a {@link SplitTree}, to be written to a {@link TreeFile} or filled from one. */
public final class StoredTree {
  /** The greatest depth that {@link TreeIndex.Builder#maxDepth} allows. */
  private static final int DEEPEST = 256;

  public final int dimension;

  public final TreeRows rows;
  public final int[] ordinals;
  final double[] weights;
  public final double[] thresholds;
  final double[] offsets;
  final double[] norms;
  final double[] intervals;
  public final int[] children;
  public final int[] leafStarts;
  final int root;
  public final double greatestNorm;

  /** Null where the tree has none. */
  public final @Nullable QuantizedVectors codes;

  final @Nullable CodeBlocks means;
  public final int perPoint;

  /** Null where they are mapped. */
  public final int @Nullable [] neighborArray;

  /** Null for none. */
  final @Nullable NeighborLists neighbors;

  public final List<RecallSetting> calibration;

  /** Found by {@link #check()}. */
  public int[] rowOf = {};

  int[] firstLeaves = {};

  public StoredTree(SplitTree tree) {
    dimension = tree.dimension;
    rows = tree.rows;
    ordinals = tree.ordinals;
    weights = tree.weights;
    thresholds = tree.thresholds;
    offsets = tree.offsets;
    norms = tree.norms;
    intervals = tree.intervals;
    children = tree.children;
    leafStarts = tree.leafStarts;
    root = tree.root;
    greatestNorm = tree.greatestNorm;
    codes = tree.codes;
    means = tree.means == null ? null : tree.means.means;
    perPoint = tree.neighbors == null ? 0 : tree.neighbors.perPoint;
    neighbors = tree.neighbors == null ? null : tree.neighbors.lists;
    neighborArray = neighbors == null ? null : neighbors.array;
    calibration = tree.calibration == null ? List.of() : tree.calibration.settings;
  }

  /**
   * Arrays to be filled.
   *
   * @param codes null for none
   * @param perPoint 0 for no neighbors
   * @param vectors null where they are to be filled
   * @param lists the neighbors, null where they are to be filled
   */
  public StoredTree(
      int dimension,
      int points,
      int nodes,
      double greatestNorm,
      @Nullable QuantizedVectors codes,
      int perPoint,
      List<RecallSetting> calibration,
      @Nullable MappedSection vectors,
      @Nullable MappedSection lists) {
    this.dimension = dimension;
    this.greatestNorm = greatestNorm;
    this.codes = codes;
    this.perPoint = perPoint;
    this.calibration = calibration;
    rows =
        vectors != null
            ? new TreeRows(vectors, dimension)
            : new TreeRows(new float[Math.multiplyExact(points, dimension)], dimension);
    ordinals = new int[points];
    weights = new double[Math.multiplyExact(nodes, dimension)];
    thresholds = new double[nodes];
    offsets = new double[nodes];
    norms = new double[nodes];
    intervals = new double[4 * nodes];
    children = new int[2 * nodes];
    leafStarts = new int[nodes + 2];
    root = nodes == 0 ? ~0 : 0;
    means =
        codes == null || codes.isWhole
            ? null
            : codes.kernel.newBlocks(codes.blocks.blockCount(), codes.firstWidth);
    if (perPoint == 0) {
      neighbors = null;
    } else {
      neighbors =
          lists != null
              ? new NeighborLists(lists, perPoint)
              : new NeighborLists(new int[Math.multiplyExact(points, perPoint)], perPoint);
    }
    neighborArray = neighbors == null ? null : neighbors.array;
  }

  /** Without codes and neighbors. */
  public List<Section> plainSections() {
    return List.of(
        rows.section(),
        new Section("ordinals", ordinals),
        new Section("weights", weights),
        new Section("thresholds", thresholds),
        new Section("offsets", offsets),
        new Section("norms", norms),
        new Section("intervals", intervals),
        new Section("children", children),
        new Section("leaf starts", leafStarts));
  }

  /** How many {@link #plainSections} there are, and how many bytes they have. */
  public static long[] plainBytes(long dimension, long points, long nodes) {
    return new long[] {
      4 * points * dimension,
      4 * points,
      8 * nodes * dimension,
      8 * nodes,
      8 * nodes,
      8 * nodes,
      32 * nodes,
      8 * nodes,
      4 * (nodes + 2)
    };
  }

  public List<Section> codeSections() {
    if (codes == null) {
      return List.of();
    }
    List<Section> sections = new ArrayList<>();
    codes.blocks.arrays().forEach(arrays -> sections.add(new Section("codes", arrays)));
    sections.add(new Section("second codes", codes.rows));
    if (means == null) {
      return sections; // codes of all dimensions
    }
    means.arrays().forEach(arrays -> sections.add(new Section("means", arrays)));
    sections.add(neighbors == null ? new Section("neighbors", new int[0]) : neighbors.section());
    return sections;
  }

  /**
   * Checks that no search in these arrays can leave them or go round in circles.
   *
   * @return what is wrong, or null
   */
  public @Nullable String check() {
    int points = ordinals.length;
    rowOf = new int[points];
    Arrays.fill(rowOf, -1);
    for (int row = 0; row < points; row++) {
      int ordinal = ordinals[row];
      if (ordinal < 0 || ordinal >= points || rowOf[ordinal] >= 0) {
        return "row " + row + " of the tree has the ordinal " + ordinal;
      }
      rowOf[ordinal] = row;
    }
    int leaves = leafStarts.length - 1;
    if (leafStarts[0] != 0 || leafStarts[leaves] != points) {
      return "its leaves do not hold all vectors";
    }
    for (int leaf = 0; leaf < leaves; leaf++) {
      if (leafStarts[leaf] >= leafStarts[leaf + 1]) {
        return "leaf " + leaf + " starts at " + leafStarts[leaf] + " and holds nothing";
      }
    }
    for (int i = 0; neighborArray != null && i < neighborArray.length; i++) {
      if (neighborArray[i] < 0 || neighborArray[i] >= points) {
        return "row " + i / perPoint + " has the neighbor " + neighborArray[i];
      }
    }
    return checkNodes();
  }

  /** Nodes are numbered top down, leaves left to right. */
  private @Nullable String checkNodes() {
    int nodes = thresholds.length;
    firstLeaves = new int[nodes];
    int nextNode = 0;
    int nextLeaf = 0;
    Deque<int[]> open = new ArrayDeque<>();
    open.push(new int[] {root, 0});
    while (!open.isEmpty()) {
      int[] top = open.pop();
      int child = top[0];
      if (child != (child < 0 ? ~nextLeaf : nextNode) || child >= nodes || top[1] > DEEPEST) {
        return "node " + child + " is out of place at depth " + top[1];
      }
      if (child < 0) {
        nextLeaf++;
      } else {
        firstLeaves[child] = nextLeaf;
        nextNode++;
        open.push(new int[] {children[2 * child + 1], top[1] + 1});
        open.push(new int[] {children[2 * child], top[1] + 1});
      }
    }
    return nextNode == nodes && nextLeaf == leafStarts.length - 1
        ? null
        : "it has " + nextNode + " nodes and " + nextLeaf + " leaves";
  }
}
