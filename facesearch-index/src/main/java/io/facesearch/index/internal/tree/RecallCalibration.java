package io.facesearch.index.internal.tree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which setting of the approximate search reaches which recall, measured when the tree was built,
 * on vectors of the tree that are hidden from their own search. Immutable.
 */
public final class RecallCalibration {
  /** For other k, the next greater one counts; beyond the last, searches are exact. */
  private static final int[] KS = {1, 10, 100};

  private static final int QUERIES = 256;

  /** What comparing one whole vector costs in terms of the codes of one point; measured. */
  private static final double COMPARISON = 100;

  /** Vectors that an exact search compares; typical for faces. */
  private static final double EXACT_COMPARISONS = 100;

  /** What saves less than this of an exact search is not worth losing anything for. */
  private static final double WORTH_WHILE = 0.7;

  /** From here on, more leaves are not tried. */
  private static final double ENOUGH = 0.998;

  /** By k and cost. */
  final List<RecallSetting> settings;

  RecallCalibration(SplitTree tree) {
    int count = Math.min(QUERIES, tree.size() / 16);
    int most = KS[KS.length - 1];
    int[] hidden = new int[count];
    int[][] truth = new int[count][];
    IntStream.range(0, count)
        .parallel()
        .forEach(
            i -> {
              hidden[i] = (int) ((2L * i + 1) * tree.size() / (2L * count));
              truth[i] = nearest(tree, hidden[i], most);
            });
    List<RecallSetting> all = new ArrayList<>();
    for (int k : KS) {
      for (int beam : k == most ? new int[] {k} : new int[] {k, beam(k)}) {
        measure(tree, hidden, truth, k, beam, all);
      }
    }
    all.sort(Comparator.comparingInt(RecallSetting::k).thenComparingDouble(RecallSetting::cost));
    settings = List.copyOf(all);
  }

  /** With settings that were stored. */
  RecallCalibration(List<RecallSetting> settings) {
    this.settings = List.copyOf(settings);
  }

  /** The beam of a search that is given its leaves. */
  static int beam(int k) {
    return k + Math.max(8, Math.min(k, 32));
  }

  private static int[] nearest(SplitTree tree, int row, int k) {
    Searcher searcher = tree.searchers.take();
    searcher.query(row);
    int[] rows = searcher.nearestRows(k + 1);
    tree.searchers.giveBack(searcher);
    return Arrays.stream(rows).filter(other -> other != row).limit(k).toArray();
  }

  private static void measure(
      SplitTree tree, int[] hidden, int[][] truth, int k, int beam, List<RecallSetting> into) {
    int blocks = Objects.requireNonNull(tree.means).count;
    int blockPoints = Objects.requireNonNull(tree.codes).blocks.blockPoints();
    double exact = tree.size() + COMPARISON * EXACT_COMPARISONS;
    for (int wanted = 2; wanted <= blocks / 2; wanted *= 2) {
      int now = wanted;
      double[][] found =
          IntStream.range(0, hidden.length)
              .parallel()
              .mapToObj(i -> run(tree, hidden[i], truth[i], k, beam, now))
              .toArray(double[][]::new);
      double recall = Arrays.stream(found).mapToDouble(f -> f[0]).average().orElse(0);
      double comparisons = Arrays.stream(found).mapToDouble(f -> f[1]).average().orElse(0);
      double squares =
          Arrays.stream(found).mapToDouble(f -> (f[0] - recall) * (f[0] - recall)).sum();
      // Never 0: that nothing was missed in so many queries does not prove that nothing will be.
      double error =
          Math.max(
              Math.sqrt(squares / (found.length * Math.max(1.0, found.length - 1.0))),
              1.0 / ((double) k * found.length));
      double cost = (double) wanted * blockPoints + blocks + COMPARISON * comparisons;
      if (cost > exact * WORTH_WHILE) {
        return;
      }
      into.add(new RecallSetting(k, (double) wanted / blocks, beam, recall, error, cost));
      if (recall - error >= ENOUGH) {
        return;
      }
    }
  }

  /** The share of the nearest that is found, and the number of vectors compared. */
  private static double[] run(SplitTree tree, int row, int[] truth, int k, int beam, int blocks) {
    Searcher searcher = tree.searchers.take();
    searcher.query(row);
    ApproximateSearch search = Objects.requireNonNull(searcher.approximate);
    search.run(searcher.query, beam, blocks, row);
    int right = 0;
    int wanted = Math.min(k, truth.length);
    for (int i = 0; i < Math.min(k, search.size()); i++) {
      for (int j = 0; j < wanted; j++) {
        if (truth[j] == search.row(i)) {
          right++;
        }
      }
    }
    double[] result = {wanted == 0 ? 1 : (double) right / wanted, search.computed()};
    tree.searchers.giveBack(searcher);
    return result;
  }

  /** The cheapest setting for a recall; null if only an exact search has it. */
  @Nullable RecallSetting setting(int k, double recall) {
    int valid = Arrays.stream(KS).filter(calibrated -> calibrated >= k).findFirst().orElse(-1);
    for (RecallSetting setting : settings) {
      if (setting.k() == valid && setting.safeRecall() >= recall) {
        return setting;
      }
    }
    return null;
  }
}
