package io.facesearch.index.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.internal.quantize.BoundKernel;
import io.facesearch.index.internal.quantize.BoundKernelTest;
import io.facesearch.index.testing.People;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Many queries on data like faces: no answer may differ from that of the flat scan. {@code
 * -Dfacesearch.test.queries=1000000} for more.
 */
@Tag("slow")
class ManyQueriesTest {
  private static final int FACES = 2000;
  private static final int QUERIES = Integer.getInteger("facesearch.test.queries", 100_000);
  private static final int PARTS = 16;

  @Test
  void noAnswerDiffers() {
    long seed = Long.getLong("tests.seed", System.nanoTime());
    System.out.println("seed " + seed);
    List<EmbeddedFace> faces = new People(FACES / 5, new Random(seed)).photos(5);
    FlatIndex flat = new FlatIndex();
    flat.addAll(faces);
    List<TreeIndex> trees = new ArrayList<>();
    for (BoundKernel kernel : BoundKernelTest.kernels()) {
      TreeIndex tree = TreeIndex.builder().codeUse(CodeUse.always(kernel)).build();
      tree.addAll(faces);
      trees.add(tree);
    }
    IntStream.range(0, PARTS).parallel().forEach(part -> ask(flat, trees, seed, part));
  }

  private static void ask(FlatIndex flat, List<TreeIndex> trees, long seed, int part) {
    People people = new People(FACES / 5, new Random(seed)).askedBy(new Random(seed + 1000 + part));
    Random random = new Random(seed + 1 + part);
    int[] ks = {1, 10, 10, 10, 100};
    for (int q = 0; q < QUERIES / PARTS; q++) {
      Embedding query = people.query();
      int k = ks[random.nextInt(ks.length)];
      var expected = flat.search(query, k).matches();
      // Each kernel in turn.
      TreeIndex tree = trees.get(q % trees.size());
      if (!tree.search(query, k).matches().equals(expected)) {
        assertThat(tree.search(query, k).matches()).as("query %d", q).isEqualTo(expected);
      }
    }
  }
}
