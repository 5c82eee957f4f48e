package io.facesearch.index.internal.tree;

import io.facesearch.SearchPlan;
import io.facesearch.index.internal.quantize.PlainKernel;
import io.facesearch.index.internal.snapshot.TopK;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What one search in a {@link SplitTree} needs; kept for the next one. Not thread-safe. */
public final class Searcher {
  /** From this share of all faces on, codes only add to the work. */
  private static final int GREATEST_SHARE = 2;

  /** So many distances are computed sooner than codes of the query. */
  private static final int FEW = 64;

  final double[] query;
  final TopK nearest = new TopK(0);
  private final SplitTree tree;
  private final TreeSearch byTree;
  private final @Nullable CodeSearch byCodes;

  /** Null where the tree has no neighbors. */
  final @Nullable ApproximateSearch approximate;

  Searcher(SplitTree tree) {
    this.tree = tree;
    query = new double[tree.dimension];
    byTree = new TreeSearch(tree, PlainKernel.INSTANCE);
    byCodes = tree.codes == null ? null : CodeSearch.of(tree, tree.codes, query, nearest);
    approximate = tree.neighbors == null ? null : new ApproximateSearch(tree);
  }

  /** Takes a vector of the tree as the query. */
  void query(int row) {
    tree.rows.copyTo(row, query);
  }

  /** The rows of the k nearest vectors of the tree. */
  int[] nearestRows(int k) {
    nearest.reset(Math.min(k, tree.size()));
    run(k);
    int[] found = nearest.drainOrdinals();
    for (int i = 0; i < found.length; i++) {
      found[i] = tree.row(found[i]);
    }
    return found;
  }

  /**
   * Puts faces of the tree that are near to the query into {@link #nearest}, which was reset for k
   * of them, from the nearest {@code blocks} blocks.
   *
   * @return the number of leaves visited
   */
  int runApproximately(int beam, int blocks) {
    ApproximateSearch approximate = Objects.requireNonNull(this.approximate);
    approximate.run(query, beam, blocks, -1);
    for (int i = 0; i < approximate.size(); i++) {
      int ordinal = tree.ordinals[approximate.row(i)];
      if (nearest.accepts(ordinal)) {
        nearest.offerSquared(approximate.squaredDistance(i), ordinal);
      }
    }
    nearest.countComputed(approximate.computed() - approximate.size());
    return approximate.leaves();
  }

  /**
   * Puts the faces of the tree that are nearest to the query into {@link #nearest}, which was reset
   * for k of them.
   *
   * @return the number of leaves visited
   */
  int run(int k) {
    return run(k, SearchThreads.ONE);
  }

  /** The same on several threads, where codes are read. */
  int run(int k, SearchThreads threads) {
    if (begin(k)) {
      readCodes(threads);
    }
    return leaves(k);
  }

  private void readCodes(SearchThreads threads) {
    if (threads.count() > 1 && tree.size() >= threads.least()) {
      SharedScan.run(this, threads.count(), Objects.requireNonNull(threads.executor()));
    } else {
      codes().run();
    }
  }

  /** Of a tree that has codes. */
  CodeSearch codes() {
    return Objects.requireNonNull(byCodes);
  }

  /** One for another thread that helps with what this one has begun. */
  Searcher helper() {
    Searcher helper = tree.searchers.take();
    System.arraycopy(query, 0, helper.query, 0, query.length);
    helper.nearest.resetAs(nearest);
    helper.codes().beginHelp(codes(), helper.query);
    return helper;
  }

  /** Takes over what a {@link #helper} found, and gives it back. */
  void takeOver(Searcher helper) {
    nearest.takeOver(helper.nearest);
    tree.searchers.giveBack(helper);
  }

  /** Compares what the tree does not hold, after a search for k faces, or with 0 for a distance. */
  void scan(Delta delta, int k) {
    if (isByTree(k)) {
      delta.scan(query, nearest, tree.size());
    } else {
      delta.scan(query, nearest, tree.size(), codes());
    }
  }

  /** The same after {@link #runApproximately}. */
  void scanAfterApproximate(Delta delta) {
    codes().beginWithin(query);
    delta.scan(query, nearest, tree.size(), codes());
  }

  /** Puts the nearest of some faces into {@link #nearest}: in order of insertion, all accepted. */
  void compare(int[] ordinals, Delta delta) {
    int inTree = 0;
    while (inTree < ordinals.length && ordinals[inTree] < tree.size()) {
      inTree++;
    }
    nearest.accept(null);
    if (byCodes == null || inTree < FEW) {
      TreeRows.Reader rows = tree.rows.new Reader();
      for (int i = 0; i < inTree; i++) {
        rows.take(tree.row(ordinals[i]));
        nearest.compare(query, rows.values(), rows.offset(0), ordinals[i]);
      }
    } else {
      byCodes.beginWithin(query);
      for (int i = 0; i < inTree; i++) {
        byCodes.putOff(tree.row(ordinals[i]));
      }
      byCodes.comparePutOff();
    }
    for (int i = inTree; i < ordinals.length; i++) {
      delta.rows.compare(query, nearest, ordinals[i] - tree.size(), ordinals[i]);
    }
  }

  /** Puts the faces into {@link #nearest}, which was reset for a distance. */
  int runWithin(SearchThreads threads) {
    if (byCodes == null) {
      byTree.begin(query, nearest);
      return byTree.run();
    }
    byCodes.beginWithin(query);
    readCodes(threads);
    return tree.leafCount();
  }

  /** As {@link #run} for each, but what one of them reads is still in the cache for the others. */
  static void run(Searcher[] batch, int count, int k) {
    boolean scan = false;
    for (int i = 0; i < count; i++) {
      scan = batch[i].begin(k);
    }
    if (!scan) {
      return;
    }
    CodeSearch[] byCodes = new CodeSearch[count];
    for (int i = 0; i < count; i++) {
      byCodes[i] = batch[i].codes();
    }
    byCodes[0].run(byCodes, count);
  }

  /** False if that was all there is to do. */
  private boolean begin(int k) {
    if (isByTree(k)) {
      byTree.begin(query, nearest);
      byTree.run();
      return false;
    }
    codes().begin(query, k);
    return true;
  }

  private boolean isByTree(int k) {
    return byCodes == null || k > tree.size() / GREATEST_SHARE;
  }

  /** Leaves that the last search for k faces visited. */
  int leaves(int k) {
    return isByTree(k) ? byTree.leaves() : tree.leafCount();
  }

  /** How a search for k faces works, or one within a distance if k is 0. */
  SearchPlan plan(int k) {
    return isByTree(k) ? SearchPlan.TREE : SearchPlan.CODES;
  }
}
