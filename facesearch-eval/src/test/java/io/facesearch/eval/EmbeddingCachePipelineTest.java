package io.facesearch.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceChoice;
import io.facesearch.FaceSearchException;
import io.facesearch.opencv.HaarFaceDetector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cache with the real pipeline. */
class EmbeddingCachePipelineTest {
  private static final Path QUERIES =
      Path.of("../facesearch-cli/src/main/resources/io/facesearch/cli/samples/queries")
          .toAbsolutePath();

  private static FaceAnalyzer faces;
  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    faces = FaceAnalyzer.open();
  }

  @AfterAll
  static void close() {
    faces.close();
  }

  private static List<Path> photos(int count) throws Exception {
    try (var files = Files.list(QUERIES)) {
      return files.sorted().limit(count).toList();
    }
  }

  private List<EmbeddedPhoto> embed(FaceAnalyzer pipeline, List<Path> photos) throws Exception {
    try (EmbeddingCache cache = EmbeddingCache.open(folder.resolve("cache"))) {
      return cache.embed(pipeline, photos, progress -> true);
    }
  }

  private static long cached(List<EmbeddedPhoto> photos) {
    return photos.stream().filter(EmbeddedPhoto::cached).count();
  }

  @Test
  void aSecondRunComesFromTheCacheAndIsTheSame() throws Exception {
    List<Path> photos = photos(10);
    List<EmbeddedPhoto> first = embed(faces, photos);
    List<EmbeddedPhoto> second = embed(faces, photos);
    assertThat(cached(first)).isZero();
    assertThat(cached(second)).isEqualTo(10);
    for (int i = 0; i < 10; i++) {
      assertThat(second.get(i).file()).isEqualTo(photos.get(i));
      assertThat(second.get(i).embedding()).isPresent().isEqualTo(first.get(i).embedding());
      assertThat(second.get(i).quality()).isPresent().isEqualTo(first.get(i).quality());
      assertThat(second.get(i).elapsed()).isEqualTo(first.get(i).elapsed()).isPositive();
    }
    // A copy under another name is the same photo; a changed one is not.
    Path copy = Files.copy(photos.get(0), folder.resolve("copy.jpg"));
    assertThat(cached(embed(faces, List.of(copy)))).isEqualTo(1);
    byte[] bytes = Files.readAllBytes(copy);
    Files.write(copy, java.util.Arrays.copyOf(bytes, bytes.length + 1));
    assertThat(cached(embed(faces, List.of(copy)))).isZero();
  }

  @Test
  void anotherPipelineIsEmbeddedAnew() throws Exception {
    List<Path> photos = photos(2);
    embed(faces, photos);
    try (FaceAnalyzer haar = FaceAnalyzer.builder().detector(HaarFaceDetector.create()).build();
        FaceAnalyzer stricter =
            FaceAnalyzer.builder()
                .detector(HaarFaceDetector.builder().minNeighbors(4).build())
                .build();
        FaceAnalyzer central = FaceAnalyzer.builder().choice(FaceChoice.MOST_CENTRAL).build();
        FaceAnalyzer boxes = FaceAnalyzer.builder().withoutLandmarks().build()) {
      for (FaceAnalyzer other : List.of(haar, stricter, central, boxes)) {
        assertThat(cached(embed(other, photos))).as(other.configuration().get()).isZero();
      }
    }
    assertThat(cached(embed(faces, photos))).isEqualTo(2);
  }

  @Test
  void aPipelineThatDoesNotTellItsConfigurationIsRefused() throws Exception {
    try (FaceAnalyzer unknown =
        FaceAnalyzer.builder().aligner((image, face, template) -> image).build()) {
      assertThat(unknown.configuration()).isEmpty();
      assertThatThrownBy(() -> embed(unknown, photos(1)))
          .isInstanceOf(FaceSearchException.class)
          .hasMessageContaining("does not report its configuration");
    }
  }

  @Test
  void aFileCutOrDamagedAnywhereLosesOnlyWhatFollows() throws Exception {
    List<Path> photos = photos(4);
    List<EmbeddedPhoto> whole = embed(faces, photos);
    Path file = folder.resolve("cache");
    byte[] bytes = Files.readAllBytes(file);
    Random random = new Random(3);
    for (int i = 0; i < 40; i++) {
      byte[] damaged = bytes.clone();
      int at = 8 + random.nextInt(bytes.length - 8);
      if (i % 2 == 0) {
        damaged = java.util.Arrays.copyOf(damaged, at);
      } else {
        damaged[at] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(file, damaged);
      List<EmbeddedPhoto> again = embed(faces, photos);
      for (int p = 0; p < 4; p++) {
        // Batches of other sizes differ in the last bits.
        assertThat(distance(again.get(p), whole.get(p))).isLessThan(1e-4);
      }
      assertThat(cached(again)).isBetween(0L, 3L);
    }
  }

  private static double distance(EmbeddedPhoto a, EmbeddedPhoto b) {
    return a.embedding().orElseThrow().distanceTo(b.embedding().orElseThrow());
  }

  @Test
  void aStoppedRunGoesOnWhereItStopped() throws Exception {
    List<Path> photos = photos(32);
    try (EmbeddingCache cache = EmbeddingCache.open(folder.resolve("cache"))) {
      List<EmbeddedPhoto> some = cache.embed(faces, photos, progress -> progress.done() < 8);
      assertThat(some).hasSize(8);
      assertThatThrownBy(() -> EmbeddingCache.open(folder.resolve("cache")))
          .isInstanceOf(FaceSearchException.class)
          .hasMessageContaining("is in use");
    }
    assertThat(cached(embed(faces, photos))).isEqualTo(8);
  }

  @Test
  void foreignFilesAreNeitherReadNorOverwritten() throws Exception {
    Path file = Files.writeString(folder.resolve("cache"), "my only copy");
    assertThatThrownBy(() -> EmbeddingCache.open(file))
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("is not an embedding cache");
    assertThat(file).hasContent("my only copy");
    Path broken = Files.writeString(folder.resolve("broken.jpg"), "no image");
    Files.delete(file);
    List<EmbeddedPhoto> result = embed(faces, List.of(broken, folder.resolve("none.jpg")));
    assertThat(result.get(0).broken()).get().asString().contains("broken.jpg");
    assertThat(result.get(1).broken()).get().asString().contains("none.jpg");
  }
}
