package io.facesearch.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceIndex;
import io.facesearch.Metric;
import io.facesearch.Search;
import io.facesearch.index.testing.OtherJvm;
import io.facesearch.spi.IndexProvider;
import io.facesearch.testing.FaceIndexContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigmoidTreeIndexTest extends FaceIndexContract {
  @Override
  protected FaceIndex newIndex() {
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
  void aBuilderKeepsItsMetricWhateverItLoads(@TempDir Path folder) throws IOException {
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      faces.add(face("f" + i, 1, i));
    }
    SigmoidTreeIndex.Builder builder = SigmoidTreeIndex.builder().leafSize(4);
    for (int count : new int[] {2, 20}) { // without a tree, and with one
      SigmoidTreeIndex cosine =
          SigmoidTreeIndex.builder().leafSize(4).metric(Metric.COSINE).build();
      cosine.addAll(faces.subList(0, count));
      cosine.save(folder.resolve(count + ".idx"));
      assertThat(builder.load(folder.resolve(count + ".idx")).metric()).isEqualTo(Metric.COSINE);
      assertThat(builder.build().metric()).isEqualTo(Metric.EUCLIDEAN);
    }
  }

  /** Tells how two tries to make an index end. */
  public static final class TwoTries {
    private TwoTries() {}

    public static void main(String[] arguments) {
      for (int i = 0; i < 2; i++) {
        try {
          System.out.println(SigmoidTreeIndex.builder().build());
        } catch (IllegalStateException e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }

  @Test
  void aWrongKernelIsRefusedBeforeThereAreFacesWhenever() throws Exception {
    Process process =
        OtherJvm.start(TwoTries.class, "", List.of("-Dfacesearch.kernel=fast"), List.of());
    String message =
        "the system property facesearch.kernel must be \"scalar\" or \"vector\", but is: \"fast\"";
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines())
        .containsExactly(message, message);
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void isFoundByTheServiceLoader() {
    assertThat(ServiceLoader.load(IndexProvider.class).findFirst().orElseThrow().newIndex())
        .isInstanceOf(SigmoidTreeIndex.class);
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
  void theMessageTellsWhichIdOccursTwice() {
    FaceIndex index = newIndex();
    assertThatThrownBy(() -> index.addAll(List.of(face("c", 1), face("c", 2))))
        .hasMessageContaining("\"c\" occurs twice");
  }

  @Test
  void anEmptyIndexAnswersRequests() {
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
    assertThat(index.search(query(1), Search.within(1)).matches()).isEmpty();
    assertThat(index.searchAll(List.of(), Search.nearest(1))).isEmpty();
  }
}
