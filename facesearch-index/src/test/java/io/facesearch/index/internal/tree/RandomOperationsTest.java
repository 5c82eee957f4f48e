package io.facesearch.index.internal.tree;

import io.facesearch.index.FlatIndex;
import io.facesearch.index.internal.quantize.Kernels;
import io.facesearch.index.testing.RandomOperations;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.Property;
import org.junit.jupiter.api.Tag;

/** Indexes in memory against a map; a failure tells its seed. */
class RandomOperationsTest {

  @Property(tries = 20)
  void flat(@ForAll long seed) {
    new RandomOperations(new FlatIndex(), seed).run(300);
  }

  @Property(tries = 20)
  void tree(@ForAll long seed) {
    new RandomOperations(tree(seed, false), seed).run(300);
  }

  @Property(tries = 20)
  void treeBuiltInTheBackground(@ForAll long seed) {
    RandomOperations operations = new RandomOperations(tree(seed, true), seed);
    operations.run(300);
    operations.index().close();
    operations.run(20);
  }

  /** 20,000 operations; 100,000 with {@code -Dfacesearch.test.operations=250}. */
  @Tag("slow")
  @Property(tries = 10)
  void longRuns(@ForAll long seed) {
    new RandomOperations(tree(seed, true), seed)
        .run(40 * Integer.getInteger("facesearch.test.operations", 50));
  }

  private static TreeIndex tree(long seed, boolean background) {
    return TreeIndex.builder()
        .leafSize(1 + (int) (seed & 15))
        .rebuildShare(0.05 + (seed >>> 4 & 7) / 8.0)
        .codeUse((seed & 512) == 0 ? CodeUse.always(Kernels.best()) : CodeUse.WHERE_USEFUL)
        .background(background)
        .build();
  }
}
