package io.facesearch.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.AlignmentTemplate;
import io.facesearch.Embedding;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link FaceEmbedder} must do. A plug-in extends it in its own tests; it needs JUnit 5
 * and AssertJ. It says nothing of how well the vectors tell people apart.
 */
public abstract class FaceEmbedderContract {
  /** What batches and threads may change: 1 less the cosine. */
  private static final double TOLERANCE = 1e-4;

  private static final int CHIPS = 9;

  private FaceEmbedder embedder;

  /**
   * Makes the embedder that is checked; always the same model.
   *
   * @return a new embedder, closed by the contract
   * @throws Exception if it cannot
   */
  protected abstract FaceEmbedder create() throws Exception;

  /**
   * Chips that the embedder gives different vectors. Those here are blocks of random colors, which
   * do for most; photos of faces do for all.
   *
   * @param input size of the chips
   * @return at least 2
   */
  protected List<FaceImage> chips(AlignmentTemplate input) {
    return IntStream.range(0, CHIPS)
        .mapToObj(seed -> blocks(input.width(), input.height(), seed))
        .toList();
  }

  private static FaceImage blocks(int width, int height, int seed) {
    Random random = new Random(seed);
    byte[] colors = new byte[3 * 64];
    random.nextBytes(colors);
    byte[] rgb = new byte[3 * width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int block = y * 8 / height * 8 + x * 8 / width;
        System.arraycopy(colors, 3 * block, rgb, 3 * (y * width + x), 3);
      }
    }
    return FaceImage.ofRgb(width, height, rgb);
  }

  @BeforeEach
  void openEmbedder() throws Exception {
    embedder = create();
  }

  @AfterEach
  void closeEmbedder() {
    embedder.close();
  }

  private List<FaceImage> chips() {
    return chips(embedder.card().input());
  }

  private List<Embedding> oneByOne(List<FaceImage> chips) {
    return chips.stream().map(chip -> embedder.embed(List.of(chip)).get(0)).toList();
  }

  /** Equal within the tolerance. */
  private static void requireSame(List<Embedding> actual, List<Embedding> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertThat(cosine(actual.get(i), expected.get(i)))
          .as("chip %d", i)
          .isGreaterThanOrEqualTo(1 - TOLERANCE);
    }
  }

  private static double cosine(Embedding a, Embedding b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.dimension(); i++) {
      ab += (double) a.get(i) * b.get(i);
      aa += (double) a.get(i) * a.get(i);
      bb += (double) b.get(i) * b.get(i);
    }
    return ab / Math.sqrt(aa * bb);
  }

  @Test
  void noChipsGiveNoVectors() {
    assertThat(embedder.embed(List.of())).isEmpty();
  }

  @Test
  void vectorsAreOfTheModelOnTheCard() {
    for (Embedding vector : embedder.embed(chips())) {
      assertThat(vector.dimension()).isEqualTo(embedder.card().dimension());
      assertThat(vector.model()).isEqualTo(embedder.card().fingerprint());
    }
  }

  @Test
  void aBatchGivesWhatOneByOneGivesInOrder() {
    List<FaceImage> chips = chips();
    List<Embedding> alone = oneByOne(chips);
    List<Embedding> together = embedder.embed(chips);
    requireSame(together, alone);
    for (int i = 0; i < alone.size(); i++) {
      double own = together.get(i).distanceTo(alone.get(i));
      for (int j = 0; j < alone.size(); j++) {
        if (i != j) {
          assertThat(together.get(i).distanceTo(alone.get(j)))
              .as("vector %d is of chip %d, not of chip %d", i, i, j)
              .isGreaterThan(own);
        }
      }
    }
  }

  @Test
  void anotherEmbedderOfTheModelGivesTheSame() throws Exception {
    List<FaceImage> chips = chips();
    try (FaceEmbedder other = create()) {
      assertThat(other.card().fingerprint()).isEqualTo(embedder.card().fingerprint());
      requireSame(other.embed(chips), embedder.embed(chips));
    }
  }

  @Test
  void sixteenThreadsGetWhatOneGets() throws Exception {
    List<FaceImage> chips = chips();
    List<Embedding> expected = oneByOne(chips);
    ExecutorService callers = Executors.newFixedThreadPool(16);
    try {
      List<Future<List<Embedding>>> calls = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        List<FaceImage> some = chips.subList(i % chips.size(), chips.size());
        calls.add(callers.submit(() -> embedder.embed(some)));
      }
      for (int i = 0; i < calls.size(); i++) {
        requireSame(calls.get(i).get(), expected.subList(i % chips.size(), chips.size()));
      }
    } finally {
      callers.shutdownNow();
    }
  }

  @Test
  void aChipOfAnotherSizeIsRefusedAndNothingElse() {
    AlignmentTemplate input = embedder.card().input();
    List<FaceImage> chips = chips();
    List<Embedding> before = embedder.embed(chips);
    FaceImage wide = blocks(input.width() + 3, input.height(), 1);
    assertThatThrownBy(() -> embedder.embed(List.of(chips.get(0), wide)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(input.width() + "x" + input.height())
        .hasMessageContaining(wide.width() + "x" + wide.height());
    FaceImage high = blocks(input.width(), input.height() + 1, 1);
    assertThatThrownBy(() -> embedder.embed(List.of(high)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> embedder.embed(Arrays.asList(chips.get(0), null)))
        .isInstanceOf(NullPointerException.class);
    requireSame(embedder.embed(chips), before);
  }

  @Test
  void closedItEmbedsNothing() {
    List<FaceImage> chips = chips();
    embedder.close();
    embedder.close();
    assertThatThrownBy(() -> embedder.embed(chips))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThat(embedder.card().dimension()).isPositive();
  }

  /** Each call beside it either ends in order or is told. */
  @Test
  void itMayBeClosedBesideCalls() throws Exception {
    List<FaceImage> chips = chips();
    ExecutorService callers = Executors.newFixedThreadPool(4);
    try {
      CountDownLatch running = new CountDownLatch(4);
      List<Future<?>> calls = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        calls.add(
            callers.submit(
                () -> {
                  try {
                    while (true) {
                      assertThat(embedder.embed(chips)).hasSameSizeAs(chips);
                      running.countDown();
                    }
                  } catch (IllegalStateException e) {
                    assertThat(e).hasMessageContaining("closed");
                  }
                }));
      }
      running.await();
      embedder.close();
      for (Future<?> call : calls) {
        call.get();
      }
    } finally {
      callers.shutdownNow();
    }
  }
}
