package io.facesearch.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceIndex;
import io.facesearch.spi.IndexProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SigmoidTreeIndexTest extends FaceIndexContract {
  @Override
  FaceIndex newIndex() {
    return SigmoidTreeIndex.builder().leafSize(4).build();
  }

  @Test
  void builderChecksRangesAtOnce() {
    SigmoidTreeIndex.Builder builder = SigmoidTreeIndex.builder();
    assertThatThrownBy(() -> builder.leafSize(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("leafSize must be between 1 and 4096, but is: 0");
    assertThatThrownBy(() -> builder.leafSize(4097)).hasMessageContaining("4097");
    assertThatThrownBy(() -> builder.maxDepth(0))
        .hasMessage("maxDepth must be between 1 and 256, but is: 0");
    assertThatThrownBy(() -> builder.rebuildShare(Double.NaN))
        .hasMessage("rebuildShare must be between 0.01 and 10, but is: NaN");
    builder.leafSize(1).leafSize(4096).maxDepth(1).maxDepth(256).rebuildShare(10);
  }

  @Test
  void isFoundByTheServiceLoader() {
    assertThat(ServiceLoader.load(IndexProvider.class).findFirst().orElseThrow().newIndex())
        .isInstanceOf(SigmoidTreeIndex.class);
  }

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
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().leafSize(32).build();
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
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().leafSize(1).build();
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
  void lowDimensionsVisitFewLeaves() {
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
    List<EmbeddedFace> faces = new ArrayList<>();
    Random random = new Random(6);
    for (int i = 0; i < 20_000; i++) {
      faces.add(face("f" + i, random.nextFloat(), random.nextFloat()));
    }
    index.addAll(faces);
    assertThat(index.search(query(0.5f, 0.5f), 10).leavesVisited()).isBetween(1, 12);
  }

  @Test
  @Timeout(60)
  void addingOneByOneIsNotQuadratic() {
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
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
    assertThat(SigmoidTreeIndex.builder().build().stats())
        .isEqualTo(new IndexStats(0, 0, 0, 0, "none"));
    for (BoundKernel kernel : BoundKernelTest.kernels()) {
      SigmoidTreeIndex index = SigmoidTreeIndex.builder().codeUse(CodeUse.always(kernel)).build();
      index.addAll(gaussianFaces(20_000, 128, 3));
      IndexStats stats = index.stats();
      assertThat(stats.faces()).isEqualTo(20_000);
      assertThat(stats.leaves()).isEqualTo(index.tree().leafCount());
      assertThat(stats.vectorBytes()).isEqualTo(20_000L * 512);
      assertThat(stats.kernel()).isEqualTo(kernel.name());
      assertThat(stats.ratio()).isBetween(1.1, 1.35);
    }
  }

  @Test
  void withinRefusesWhatIsNoDistance() {
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
    assertThat(index.within(query(1), 1).matches()).isEmpty();
    assertThatThrownBy(() -> index.within(query(1), -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("distance must be 0 or more, but is: -1.0");
    assertThatThrownBy(() -> index.within(query(1), Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> index.searchAll(List.of(query(1)), 0))
        .hasMessage("k must be at least 1, but is: 0");
    assertThat(index.searchAll(List.of(), 1)).isEmpty();
  }

  /** Also on one thread, in which nothing is split between cores. */
  @Test
  void theTreeDoesNotDependOnTheCores() throws Exception {
    List<EmbeddedFace> faces = gaussianFaces(12_000, 24, 4);
    SigmoidTreeIndex onAll = SigmoidTreeIndex.builder().build();
    onAll.addAll(faces);
    SigmoidTreeIndex onOne = SigmoidTreeIndex.builder().build();
    ForkJoinPool one = new ForkJoinPool(1);
    one.submit(() -> onOne.addAll(faces)).get();
    one.shutdown();
    assertThat(onOne.tree().ordinals).isEqualTo(onAll.tree().ordinals);
    assertThat(onOne.tree().weights).isEqualTo(onAll.tree().weights);
    assertThat(onOne.tree().thresholds).isEqualTo(onAll.tree().thresholds);
    assertThat(onOne.tree().leafStarts).isEqualTo(onAll.tree().leafStarts);
  }
}
