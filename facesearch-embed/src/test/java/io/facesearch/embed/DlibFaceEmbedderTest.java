package io.facesearch.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.Embedding;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import io.facesearch.ModelCard;
import io.facesearch.testing.FaceEmbedderContract;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DlibFaceEmbedderTest extends FaceEmbedderContract {
  private static DlibFaceEmbedder embedder;

  @BeforeAll
  static void open() {
    embedder = DlibFaceEmbedder.builder(TestWeights.dlib()).threads(2).batchSize(8).build();
  }

  @AfterAll
  static void close() {
    embedder.close();
  }

  @Override
  protected FaceEmbedder create() {
    return DlibFaceEmbedder.builder(TestWeights.dlib()).threads(2).batchSize(4).build();
  }

  @Test
  void equalsTheGoldenDescriptors() {
    List<Embedding> embeddings = embedder.embed(TestChips.chips(3));
    for (int seed = 0; seed < 3; seed++) {
      assertSame(embeddings.get(seed).toArray(), TestChips.golden(seed), 2e-3f);
      Embedding alone = embedder.embed(List.of(TestChips.chip(seed))).get(0);
      assertSame(alone.toArray(), TestChips.golden(seed), 2e-3f);
    }
  }

  @Test
  void manyAtOnceEqualOneByOneInOrder() {
    List<FaceImage> chips = TestChips.chips(37);
    List<Embedding> together = embedder.embed(chips);
    assertThat(together).hasSameSizeAs(chips);
    for (int i = 0; i < chips.size(); i++) {
      float[] alone = embedder.embed(List.of(chips.get(i))).get(0).toArray();
      assertSame(together.get(i).toArray(), alone, 1e-5f);
    }
  }

  @Test
  void callsOfManySizesBesideEachOther() throws Exception {
    List<List<FaceImage>> lists = new ArrayList<>();
    List<List<Embedding>> serial = new ArrayList<>();
    for (int t = 0; t < 16; t++) {
      List<FaceImage> chips = TestChips.chips(20).subList(t % 7, t % 7 + 1 + t % 5 * 3);
      lists.add(chips);
      serial.add(embedder.embed(chips));
    }
    ExecutorService callers = Executors.newFixedThreadPool(16);
    try {
      List<Future<List<Embedding>>> parallel = new ArrayList<>();
      for (int round = 0; round < 2; round++) {
        for (List<FaceImage> chips : lists) {
          parallel.add(callers.submit(() -> embedder.embed(chips)));
        }
      }
      for (int i = 0; i < parallel.size(); i++) {
        List<Embedding> expected = serial.get(i % 16);
        List<Embedding> actual = parallel.get(i).get();
        assertThat(actual).hasSameSizeAs(expected);
        for (int j = 0; j < actual.size(); j++) {
          assertSame(actual.get(j).toArray(), expected.get(j).toArray(), 1e-6f);
        }
      }
    } finally {
      callers.shutdownNow();
    }
  }

  @Test
  void mirrorAverageIsTheMeanOfChipAndMirror() {
    List<FaceImage> chips = TestChips.chips(5);
    try (DlibFaceEmbedder averaging =
        DlibFaceEmbedder.builder(TestWeights.dlib())
            .threads(1)
            .batchSize(2)
            .mirrorAverage(true)
            .build()) {
      List<Embedding> averaged = averaging.embed(chips);
      for (int i = 0; i < chips.size(); i++) {
        List<Embedding> pair =
            embedder.embed(List.of(chips.get(i), TestChips.mirror(chips.get(i))));
        float[] mean = new float[128];
        for (int d = 0; d < mean.length; d++) {
          mean[d] = (pair.get(0).get(d) + pair.get(1).get(d)) / 2;
        }
        assertSame(averaged.get(i).toArray(), mean, 1e-5f);
      }
      assertThat(averaging.card().fingerprint()).isNotEqualTo(embedder.card().fingerprint());
    }
  }

  @Test
  void refusesChipsOfAnotherSizeByPosition() {
    List<FaceImage> chips = List.of(TestChips.chip(0), TestChips.chip(1, 112, 96));
    assertThatThrownBy(() -> embedder.embed(chips))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("chip 2 of 2 must be 150x150 pixels, but is 112x96")
        .hasMessageContaining("dlib_68_150");
  }

  @Test
  void anInterruptIsKeptAndNothingIsLost() {
    Thread.currentThread().interrupt();
    List<Embedding> embeddings = embedder.embed(TestChips.chips(9));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(embeddings).hasSize(9);
  }

  @Test
  void theCardSaysWhatAUserMustKnow() {
    ModelCard card = embedder.card();
    assertThat(card.name()).isEqualTo("dlib-resnet29-v1");
    assertThat(card.dimension()).isEqualTo(128);
    assertThat(card.license()).contains("public domain", "FaceScrub", "VGG");
    assertThat(card.threshold().distance()).isEqualTo(0.546);
    assertThat(card.input().width()).isEqualTo(150);
    assertThat(card.input().height()).isEqualTo(150);
    assertThat(card.input().scheme()).isEqualTo(68);
    assertThat(card.input().anchors()).isEqualTo(33);
    assertThat(card.input().point(0)).isEqualTo(27);
    assertThat(card.input().point(27)).isEqualTo(54);
    assertThat(card.input().point(28)).isEqualTo(60);
    assertThat(card.input().point(32)).isEqualTo(64);
    // Landmark 30, the tip of the nose: (0.490127 + 0.25) * 100.
    assertThat(card.input().targetX(3)).isCloseTo(74.0127f, within(1e-3f));
    assertThat(card.input().targetY(3)).isCloseTo(76.5625f, within(1e-3f));
    try (DlibFaceEmbedder other = DlibFaceEmbedder.builder(TestWeights.dlib()).threads(1).build()) {
      assertThat(other.card().fingerprint()).isEqualTo(card.fingerprint());
    }
    assertThat(embedder.embed(TestChips.chips(1)).get(0).model()).isEqualTo(card.fingerprint());
    assertThat(embedder).asString().contains("dlib-resnet29-v1", "2 threads", "batches of 8");
  }

  @Test
  void settingsHaveBounds() {
    DlibFaceEmbedder.Builder builder = DlibFaceEmbedder.builder(TestWeights.dlib());
    assertThatThrownBy(() -> builder.threads(0)).hasMessageContaining("threads", "0");
    assertThatThrownBy(() -> builder.batchSize(0)).hasMessageContaining("batchSize", "0");
    assertThatThrownBy(() -> builder.batchSize(257)).hasMessageContaining("batchSize", "257");
  }

  private static void assertSame(float[] actual, float[] expected, float tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).as("value %d", i).isCloseTo(expected[i], within(tolerance));
    }
  }
}
