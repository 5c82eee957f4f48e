package io.facesearch.index.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.index.SplitStrategy;
import io.facesearch.index.testing.People;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SplitStrategyTest {
  private static final long SEED = 11;

  private static TreeIndex index(SplitStrategy strategy, List<EmbeddedFace> photos) {
    TreeIndex index =
        TreeIndex.builder().split(strategy.name()).leafSize(64).approximate(false).build();
    index.addAll(photos);
    return index;
  }

  /** The share of pairs of photos of one person that lie in the same leaf. */
  private static double together(SplitTree tree, List<EmbeddedFace> photos) {
    int together = 0;
    Map<String, int[]> inLeaf = new HashMap<>();
    for (int leaf = 0; leaf < tree.leafCount(); leaf++) {
      inLeaf.clear();
      for (int row = tree.leafStarts[leaf]; row < tree.leafStarts[leaf + 1]; row++) {
        String id = photos.get(tree.ordinals[row]).face().id();
        inLeaf.computeIfAbsent(id.substring(0, id.indexOf(':')), p -> new int[1])[0]++;
      }
      for (int[] count : inLeaf.values()) {
        together += count[0] * (count[0] - 1) / 2;
      }
    }
    int pairs = photos.size() / 16 * (16 * 15 / 2);
    return (double) together / pairs;
  }

  @ParameterizedTest
  @EnumSource(SplitStrategy.class)
  void leavesAreFullAndBuildsRepeatable(SplitStrategy strategy) {
    List<EmbeddedFace> photos = new People(300, new Random(SEED)).photos(16);
    SplitTree tree = index(strategy, photos).tree();
    assertThat(tree.leafCount()).isEqualTo(4800 / 64);
    for (int leaf = 0; leaf < tree.leafCount(); leaf++) {
      assertThat(tree.leafSize(leaf)).isEqualTo(64);
    }
    assertThat(index(strategy, photos).tree().ordinals).isEqualTo(tree.ordinals);
  }

  /** What it is for: photos of a person stay together more than with other directions. */
  @Test
  void learnedSplitsKeepPeopleTogether() {
    List<EmbeddedFace> photos = new People(300, new Random(SEED)).photos(16);
    double random = together(index(SplitStrategy.RANDOM, photos).tree(), photos);
    double means = together(index(SplitStrategy.TWO_MEANS, photos).tree(), photos);
    double learned = together(index(SplitStrategy.LEARNED, photos).tree(), photos);
    System.out.printf(
        "together: random %.3f, 2-means %.3f, learned %.3f%n", random, means, learned);
    assertThat(means).isGreaterThan(random);
    assertThat(learned).isGreaterThan(means);
  }
}
