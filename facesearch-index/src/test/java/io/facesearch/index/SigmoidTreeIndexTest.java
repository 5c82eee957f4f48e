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
    assertThat(index.size()).isEqualTo(20_000);
    assertThat(index.tree().size()).isGreaterThan(15_000);
  }
}
