package io.facesearch.index.internal.tree;

import static io.facesearch.testing.FaceIndexContract.face;
import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.Search;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import io.facesearch.index.internal.quantize.BoundKernel;
import io.facesearch.index.internal.quantize.BoundKernelTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TreeIndexTest {
  @Test
  void halvesAreBalanced() {
    Random random = new Random(5);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < 4096; i++) {
      float[] vector = new float[8];
      for (int j = 0; j < 8; j++) {
        vector[j] = (float) random.nextGaussian();
      }
      faces.add(face("f" + i, vector));
    }
    TreeIndex index = TreeIndex.builder().leafSize(32).build();
    index.addAll(faces);
    SplitTree tree = index.tree();
    assertThat(tree.leafCount()).isEqualTo(128);
    for (int leaf = 0; leaf < 128; leaf++) {
      assertThat(tree.leafSize(leaf)).isEqualTo(32);
    }
    for (double t : tree.thresholds) {
      assertThat(t).isStrictlyBetween(0.0, 1.0);
    }
  }

  @Test
  void equalFacesStopInOneLeaf() {
    TreeIndex index = TreeIndex.builder().leafSize(1).build();
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      faces.add(face("f" + i, 3, 1, 4));
    }
    index.addAll(faces);
    assertThat(index.tree().leafCount()).isEqualTo(1);
    faces.clear();
    for (int i = 1000; i < 3000; i++) {
      faces.add(face("f" + i, 3, 1, 4 + i % 2));
    }
    index.addAll(faces);
    assertThat(index.tree().leafCount()).isEqualTo(2);
  }

  @Test
  @Timeout(60)
  void addingOneByOneIsNotQuadratic() {
    TreeIndex index = TreeIndex.builder().build();
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      float[] vector = new float[64];
      for (int j = 0; j < 64; j++) {
        vector[j] = random.nextFloat();
      }
      index.add(face("f" + i, vector));
    }
    index.close(); // waits for the tree
    assertThat(index.size()).isEqualTo(20_000);
    assertThat(index.tree().size()).isGreaterThanOrEqualTo(16_000);
  }

  private static List<EmbeddedFace> gaussianFaces(int count, int dimension, long seed) {
    Random random = new Random(seed);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] vector = new float[dimension];
      for (int j = 0; j < dimension; j++) {
        vector[j] = (float) random.nextGaussian();
      }
      faces.add(face("f" + i, vector));
    }
    return faces;
  }

  @Test
  void statsTellTheMemory() {
    assertThat(TreeIndex.builder().build().stats()).isEqualTo(new TreeStats(0, 0, 0, 0, 0, "none"));
    for (BoundKernel kernel : BoundKernelTest.kernels()) {
      TreeIndex index = TreeIndex.builder().codeUse(CodeUse.always(kernel)).build();
      index.addAll(gaussianFaces(20_000, 128, 3));
      TreeStats stats = index.stats();
      assertThat(stats.faces()).isEqualTo(20_000);
      assertThat(stats.leaves()).isEqualTo(index.tree().leafCount());
      assertThat(stats.vectorBytes()).isEqualTo(20_000L * 512);
      assertThat(stats.kernel()).isEqualTo(kernel.name());
      assertThat((double) stats.bytes() / stats.vectorBytes()).isBetween(1.1, 1.35);
    }
  }

  /** Also on one thread, in which nothing is split between cores. */
  @Test
  void theTreeDoesNotDependOnTheCores() throws Exception {
    List<EmbeddedFace> faces = gaussianFaces(12_000, 24, 4);
    TreeIndex onAll = TreeIndex.builder().build();
    onAll.addAll(faces);
    TreeIndex onOne = TreeIndex.builder().build();
    ForkJoinPool one = new ForkJoinPool(1);
    one.submit(() -> onOne.addAll(faces)).get();
    one.shutdown();
    assertThat(onOne.tree().ordinals).isEqualTo(onAll.tree().ordinals);
    assertThat(onOne.tree().weights).isEqualTo(onAll.tree().weights);
    assertThat(onOne.tree().thresholds).isEqualTo(onAll.tree().thresholds);
    assertThat(onOne.tree().leafStarts).isEqualTo(onAll.tree().leafStarts);
  }

  @Test
  void fewFacesOfAFilterAreComparedAndNoOthers() {
    TreeIndex index = TreeIndex.builder().build();
    List<EmbeddedFace> faces = new ArrayList<>();
    for (EmbeddedFace face : gaussianFaces(20_000, 32, 8)) {
      int i = faces.size();
      faces.add(new EmbeddedFace(face.face().withTag("n", i % 2 == 0 ? i : -1), face.embedding()));
    }
    index.addAll(faces);
    long before = index.stats().bytes();
    Embedding query = faces.get(0).embedding();
    SearchResult few =
        index.search(query, Search.nearest(7).where(FaceFilter.tagBetween("n", 0, 198)));
    assertThat(few.plan()).isEqualTo(SearchPlan.FILTERED);
    assertThat(few.distancesComputed()).isEqualTo(100);
    assertThat(few.matches()).hasSize(7).allMatch(match -> match.distance() >= 0);
    SearchResult none = index.search(query, Search.nearest(7).where(FaceFilter.tag("n", 1)));
    assertThat(none).isEqualTo(new SearchResult(List.of(), SearchPlan.FILTERED, 0, 0));
    SearchResult many = index.search(query, Search.nearest(7).where(FaceFilter.tag("n", -1)));
    assertThat(many.plan()).isNotEqualTo(SearchPlan.FILTERED);
    assertThat(index.stats().bytes() - before).isBetween(12L * 20_000, 16L * 20_000);
  }
}
