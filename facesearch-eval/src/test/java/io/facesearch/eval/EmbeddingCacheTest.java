package io.facesearch.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.AlignmentTemplate;
import io.facesearch.BoundingBox;
import io.facesearch.DecisionThreshold;
import io.facesearch.DetectedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceAligner;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceDetector;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import io.facesearch.FaceSearchException;
import io.facesearch.Landmarks;
import io.facesearch.ModelCard;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cache is what is tested, so the pipeline is a small one that counts its work. */
class EmbeddingCacheTest {
  private static final int PHOTOS = 20;
  private static final String MODEL = "f00d".repeat(16);

  @TempDir private Path folder;
  private Path file;
  private final List<Path> photos = new ArrayList<>();
  private final AtomicInteger embedded = new AtomicInteger();

  @BeforeEach
  void makePhotos() throws IOException {
    file = folder.resolve("cache.fse");
    for (int i = 0; i < PHOTOS; i++) {
      BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
      image.setRGB(3, 3, 0x010101 * (i + 1));
      Path photo = folder.resolve("photo" + i + ".png");
      ImageIO.write(image, "png", photo.toFile());
      photos.add(photo);
    }
  }

  /** Embeds by the pixel at (3, 3); a photo with an odd value there has a face. */
  private FaceAnalyzer pipeline(String configuration) {
    AlignmentTemplate template = AlignmentTemplate.box("box", 16, 16, 0);
    ModelCard card =
        new ModelCard(
            "pixel", 2, template, "none", MODEL, new DecisionThreshold(1, 0.5, "nothing"));
    FaceDetector detector =
        new FaceDetector() {
          @Override
          public List<DetectedFace> detect(FaceImage image) {
            return image.rgb(3, 3) % 2 == 0
                ? List.of()
                : List.of(new DetectedFace(new BoundingBox(0, 0, 16, 16), 1, Landmarks.NONE));
          }

          @Override
          public Optional<String> configuration() {
            return Optional.ofNullable(configuration);
          }

          @Override
          public void close() {}
        };
    FaceAligner aligner =
        new FaceAligner() {
          @Override
          public FaceImage align(FaceImage image, DetectedFace face, AlignmentTemplate to) {
            return image;
          }

          @Override
          public Optional<String> configuration() {
            return Optional.of("whole");
          }
        };
    FaceEmbedder embedder =
        new FaceEmbedder() {
          @Override
          public ModelCard card() {
            return card;
          }

          @Override
          public List<Embedding> embed(List<FaceImage> chips) {
            embedded.addAndGet(chips.size());
            return chips.stream().map(c -> Embedding.of(MODEL, c.rgb(3, 3), 1)).toList();
          }

          @Override
          public void close() {}
        };
    return FaceAnalyzer.builder()
        .detector(detector)
        .withoutLandmarks()
        .aligner(aligner)
        .embedder(embedder)
        .build();
  }

  private List<EmbeddedPhoto> embed(String configuration, List<Path> of) throws IOException {
    try (FaceAnalyzer faces = pipeline(configuration);
        EmbeddingCache cache = EmbeddingCache.open(file)) {
      return cache.embed(faces, of, progress -> true);
    }
  }

  private static void check(List<EmbeddedPhoto> results) {
    assertThat(results).hasSize(PHOTOS);
    for (int i = 0; i < PHOTOS; i++) {
      assertThat(results.get(i).broken()).isEmpty();
      if (i % 2 == 0) {
        assertThat(results.get(i).embedding()).contains(Embedding.of(MODEL, 0x010101 * (i + 1), 1));
        assertThat(results.get(i).quality()).isPresent();
      } else {
        assertThat(results.get(i).embedding()).isEmpty();
      }
    }
  }

  @Test
  void aSecondRunEmbedsNothing() throws IOException {
    check(embed("a", photos));
    assertThat(embedded).hasValue(PHOTOS / 2);
    List<EmbeddedPhoto> again = embed("a", photos);
    check(again);
    assertThat(again).allMatch(EmbeddedPhoto::cached);
    assertThat(embedded).hasValue(PHOTOS / 2);
  }

  @Test
  void anotherPipelineOrPhotoIsEmbeddedAnewARenamedOneNot() throws IOException {
    embed("a", photos);
    check(embed("b", photos));
    assertThat(embedded).hasValue(PHOTOS);
    Path renamed = Files.move(photos.get(0), folder.resolve("renamed.png"));
    Files.copy(photos.get(2), photos.get(0));
    List<EmbeddedPhoto> results = embed("a", List.of(renamed, photos.get(0)));
    assertThat(results).allMatch(EmbeddedPhoto::cached);
    assertThat(results.get(1).embedding()).contains(Embedding.of(MODEL, 0x030303, 1));
    Files.write(photos.get(0), new byte[] {1, 2, 3});
    assertThat(embed("a", List.of(photos.get(0))).get(0).broken()).isPresent();
  }

  /** As a crash leaves it: cut anywhere, the whole records before the cut are kept. */
  @Test
  void aFileThatWasCutShortGoesOnFromItsLastWholeRecord() throws IOException {
    embed("a", photos);
    byte[] whole = Files.readAllBytes(file);
    int known = -1;
    for (int cut = 0; cut <= whole.length; cut += 7) {
      Files.write(file, Arrays.copyOf(whole, cut));
      int before;
      try (EmbeddingCache cache = EmbeddingCache.open(file)) {
        before = cache.size();
      }
      assertThat(before).isBetween(Math.max(0, known), known < 0 ? 0 : known + 1);
      known = before;
    }
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    embedded.set(0);
    check(embed("a", photos));
    assertThat(embedded.get()).isBetween(1, PHOTOS / 2 - 1);
    assertThat(Files.size(file)).isEqualTo(whole.length);
  }

  @Test
  void damageCostsRecordsAndNeverGivesWrongOnes() throws IOException {
    embed("a", photos);
    byte[] whole = Files.readAllBytes(file);
    for (int at = 8; at < whole.length; at += 13) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x40;
      Files.write(file, damaged);
      check(embed("a", photos));
    }
  }

  @Test
  void goesOnAfterAStop() throws IOException {
    try (FaceAnalyzer faces = pipeline("a");
        EmbeddingCache cache = EmbeddingCache.open(file)) {
      List<EmbeddedPhoto> part = cache.embed(faces, photos, p -> p.done() < 5);
      assertThat(part).hasSizeBetween(5, PHOTOS - 1);
    }
    List<EmbeddedPhoto> all = embed("a", photos);
    check(all);
    assertThat(all.stream().filter(EmbeddedPhoto::cached).count()).isGreaterThanOrEqualTo(5);
  }

  @Test
  void refusesOtherFilesASecondUserAndAPipelineWithoutAName() throws IOException {
    Path other = folder.resolve("notes.txt");
    Files.writeString(other, "my notes, not to be lost");
    assertThatThrownBy(() -> EmbeddingCache.open(other))
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("notes.txt")
        .hasMessageContaining("will not be overwritten");
    assertThat(Files.readString(other)).isEqualTo("my notes, not to be lost");
    try (EmbeddingCache cache = EmbeddingCache.open(file)) {
      assertThat(cache.size()).isZero();
      assertThatThrownBy(() -> EmbeddingCache.open(file))
          .isInstanceOf(FaceSearchException.class)
          .hasMessageContaining("in use");
    }
    assertThatThrownBy(() -> embed(null, photos))
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("configuration()");
  }

  /** A process that opens a cache and says what came of it. */
  static final class Opener {
    private Opener() {}

    public static void main(String[] args) throws IOException {
      try (EmbeddingCache cache = EmbeddingCache.open(Path.of(args[0]))) {
        System.out.println("opened " + cache.size());
      } catch (FaceSearchException e) {
        System.out.println("refused: " + e.getMessage());
      }
    }
  }

  /** A refused opening in this process dropped the lock, and another process wrote as well. */
  @Test
  void aRefusedOpeningLetsNoOtherProcessIn() throws Exception {
    Path file = folder.resolve("locked.fse");
    try (EmbeddingCache cache = EmbeddingCache.open(file)) {
      assertThatThrownBy(() -> EmbeddingCache.open(file)).isInstanceOf(FaceSearchException.class);
      Path link = Files.createSymbolicLink(folder.resolve("link"), file);
      assertThatThrownBy(() -> EmbeddingCache.open(link)).isInstanceOf(FaceSearchException.class);
      Process other =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-Xmx64m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Opener.class.getName(),
                  file.toString())
              .redirectErrorStream(true)
              .start();
      assertThat(new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .contains("refused: the embedding cache");
      assertThat(cache.size()).isZero();
    }
    EmbeddingCache.open(file).close();
  }

  /** Its photos are the same on every JDK: BMP is not compressed. */
  private static List<Path> goldenPhotos(Path folder) throws IOException {
    List<Path> made = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
      image.setRGB(3, 3, 0x010101 * (i + 1));
      Path photo = folder.resolve("golden" + i + ".bmp");
      ImageIO.write(image, "bmp", photo.toFile());
      made.add(photo);
    }
    return made;
  }

  /** A cache of the first form, kept to be read forever: nothing is embedded again. */
  @Test
  void aCacheOfTheFirstFormIsRead() throws Exception {
    Files.copy(Path.of(EmbeddingCacheTest.class.getResource("cache-1.fse").toURI()), file);
    List<EmbeddedPhoto> read = embed("golden", goldenPhotos(folder));
    assertThat(embedded).hasValue(0);
    assertThat(read).hasSize(4).allMatch(EmbeddedPhoto::cached);
    assertThat(read.get(2).embedding().orElseThrow().toArray()).containsExactly(0x030303, 1);
    assertThat(read.get(1).embedding()).isEmpty();
  }

  /** Makes it. */
  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("golden");
    EmbeddingCacheTest test = new EmbeddingCacheTest();
    try (FaceAnalyzer faces = test.pipeline("golden");
        EmbeddingCache cache = EmbeddingCache.open(Path.of(args[0], "cache-1.fse"))) {
      cache.embed(faces, goldenPhotos(folder), progress -> true);
    }
  }
}
