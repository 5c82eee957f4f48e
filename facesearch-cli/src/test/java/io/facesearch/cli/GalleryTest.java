package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.Decision;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.IdentifiedFace;
import io.facesearch.IndexingReport;
import io.facesearch.Metric;
import io.facesearch.ModelMismatchException;
import io.facesearch.NoFaceException;
import io.facesearch.Photo;
import io.facesearch.PhotoMatches;
import io.facesearch.PhotoSource;
import io.facesearch.Search;
import io.facesearch.Verification;
import io.facesearch.index.FlatIndex;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pipeline with its real parts, on the sample faces. */
class GalleryTest {
  private static final Path SAMPLES =
      Path.of("src/main/resources/io/facesearch/cli/samples").toAbsolutePath();

  private static Gallery faces;
  @TempDir private Path folder;

  @BeforeAll
  static void open() throws Exception {
    faces = Gallery.inMemory();
    faces.addAll(PhotoSource.folder(SAMPLES.resolve("gallery")));
  }

  @AfterAll
  static void close() {
    faces.close();
  }

  private static FaceImage query(int person) throws Exception {
    return FaceImage.read(SAMPLES.resolve(String.format("queries/person_%02d.jpg", person)));
  }

  private static FaceImage gray(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    Arrays.fill(rgb, (byte) 128);
    return FaceImage.ofRgb(width, height, rgb);
  }

  @Test
  void everyQueryFindsItsPersonFirst() throws Exception {
    for (int person = 1; person <= 32; person++) {
      assertThat(faces.search(query(person), Search.nearest(4)).orThrow().get(0).face().person())
          .contains(String.format("person_%02d", person));
    }
  }

  /** Also the chain of the first versions, and models aligned by more points than YuNet gives. */
  @ParameterizedTest
  @CsvSource({
    "haar,dlib,68",
    "yunet,dlib,68",
    "tiny,dlib,68",
    "haar,sface,68",
    "tiny,sface,68",
    "yunet,sface-float,5"
  })
  void chainsAndModelsAreChosenByName(String detector, String model, int landmarks)
      throws Exception {
    FaceAnalyzer.Builder parts = FaceAnalyzer.builder().detector(detector).model(model);
    try (Gallery search = Gallery.builder().analyzer(parts).open()) {
      for (int person = 1; person <= 8; person++) {
        String name = String.format("person_%02d", person);
        search.add(
            Photo.of(SAMPLES.resolve("gallery/" + name + "/photo_1.jpg")).named(name).person(name));
      }
      for (int person = 1; person <= 8; person++) {
        PhotoMatches.Found found =
            (PhotoMatches.Found) search.search(query(person), Search.nearest(1));
        assertThat(found.face().face().landmarks().count()).isEqualTo(landmarks);
        assertThat(found.result().matches().get(0).face().person())
            .contains(String.format("person_%02d", person));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"dlib,dlib-resnet29-v1", "sface-float,sface-float"})
  void anIndexOpensWithTheModelThatMadeIt(String model, String name) throws Exception {
    FlatIndex index = new FlatIndex();
    try (Gallery old =
        Gallery.builder().analyzer(FaceAnalyzer.builder().model(model)).index(index).open()) {
      old.add(Photo.of("a", query(1)));
    }
    try (Gallery again = Gallery.builder().index(index).open()) {
      assertThat(again.analyzer().model().name()).isEqualTo(name);
      assertThat(again.search(query(1), Search.nearest(1)).orThrow().get(0).distance())
          .isLessThan(1e-3);
    }
    FaceAnalyzer.Builder sface = FaceAnalyzer.builder().model("sface");
    assertThatThrownBy(() -> Gallery.builder().analyzer(sface).index(index).open())
        .isInstanceOf(ModelMismatchException.class);
  }

  /** People are decided by L2 distances of unit vectors, whatever the index tells. */
  @Test
  void anIndexOfCosineDistancesNamesTheSame() throws Exception {
    try (Gallery cosine = Gallery.builder().index(new FlatIndex(Metric.COSINE)).open()) {
      cosine.addAll(PhotoSource.folder(SAMPLES.resolve("gallery")));
      for (int person = 1; person <= 32; person++) {
        IdentifiedFace one = faces.identify(query(person)).get(0);
        IdentifiedFace other = cosine.identify(query(person)).get(0);
        assertThat(other.person()).isEqualTo(one.person()).isPresent();
        PhotoMatches.Found found =
            (PhotoMatches.Found) cosine.search(query(person), Search.nearest(8));
        found
            .result()
            .forEach(
                match ->
                    assertThat(found.who().decision(match) == Decision.SAME)
                        .isEqualTo(match.face().person().equals(one.person())));
      }
    }
  }

  @Test
  void sixteenThreadsGetTheSerialAnswers() throws Exception {
    List<PhotoMatches> serial = new ArrayList<>();
    for (int person = 1; person <= 32; person++) {
      serial.add(faces.search(query(person), Search.nearest(5)));
    }
    ExecutorService pool = Executors.newFixedThreadPool(16);
    try {
      List<Callable<PhotoMatches>> calls = new ArrayList<>();
      for (int i = 0; i < 128; i++) {
        int person = i % 32 + 1;
        calls.add(() -> faces.search(query(person), Search.nearest(5)));
      }
      List<Future<PhotoMatches>> parallel = pool.invokeAll(calls);
      for (int i = 0; i < 128; i++) {
        assertThat(parallel.get(i).get()).isEqualTo(serial.get(i % 32));
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void theNumberOfThreadsDoesNotChangeTheIndex() throws Exception {
    List<EmbeddedFace> one = indexed(1);
    assertThat(indexed(4)).isEqualTo(one);
    assertThat(one).hasSizeGreaterThanOrEqualTo(128);
  }

  private static List<EmbeddedFace> indexed(int threads) throws Exception {
    FaceIndex index = new FlatIndex();
    try (Gallery search = Gallery.builder().index(index).threads(threads).open()) {
      search.addAll(PhotoSource.folder(SAMPLES.resolve("gallery")));
    }
    return index.faces();
  }

  @Test
  void noFaceIsAnAnswerOfItsOwn() throws Exception {
    assertThat(faces.search(gray(300, 200), Search.nearest(5)))
        .isEqualTo(new PhotoMatches.NoFace(300, 200));
    assertThatThrownBy(() -> faces.search(gray(300, 200), Search.nearest(5)).orThrow())
        .isInstanceOf(NoFaceException.class)
        .hasMessageContaining("300x200");
    assertThat(faces.verify(query(1), gray(50, 50)))
        .isEqualTo(new Verification.NoFace(false, true));
    assertThat(faces.verify(gray(1, 1), gray(50, 50)))
        .isEqualTo(new Verification.NoFace(true, true));
  }

  @Test
  void verifyTellsPeopleApart() throws Exception {
    FaceImage other = FaceImage.read(SAMPLES.resolve("gallery/person_01/photo_2.jpg"));
    assertThat(((Verification.Compared) faces.verify(query(1), other)).samePerson()).isTrue();
    double apart = ((Verification.Compared) faces.verify(query(1), query(10))).distance();
    assertThat(apart)
        .isGreaterThan(((Verification.Compared) faces.verify(query(1), other)).distance());
  }

  @Test
  void aStoppedRunGoesOnWhereItStopped() throws Exception {
    FaceIndex index = new FlatIndex();
    try (Gallery search = Gallery.builder().index(index).open()) {
      Path gallery = SAMPLES.resolve("gallery");
      IndexingReport stopped =
          search.addAll(PhotoSource.folder(gallery), progress -> progress.done() < 32);
      assertThat(stopped.cancelled()).isTrue();
      assertThat(stopped.images()).isBetween(32, 127);
      IndexingReport rest = search.addAll(PhotoSource.folder(gallery));
      assertThat(rest.cancelled()).isFalse();
      assertThat(rest.alreadyIndexed()).isEqualTo(stopped.images());
      assertThat(rest.images() + stopped.images()).isEqualTo(128);
      Thread.currentThread().interrupt();
      IndexingReport interrupted = search.addAll(PhotoSource.folder(gallery));
      assertThat(Thread.interrupted()).isTrue();
      assertThat(interrupted.cancelled()).isTrue();
    }
  }

  @Test
  void anotherSpellingOfTheFolderAddsNothing() throws Exception {
    FaceIndex index = new FlatIndex();
    try (Gallery search = Gallery.builder().index(index).open()) {
      Path person = SAMPLES.resolve("gallery/person_01");
      assertThat(search.addAll(PhotoSource.folder(person)).images()).isEqualTo(4);
      Path other = Path.of("").toAbsolutePath().relativize(person).resolve("../person_01/.");
      assertThat(search.addAll(PhotoSource.folder(other)).alreadyIndexed()).isEqualTo(4);
      assertThat(index.size()).isEqualTo(4);
    }
  }

  @Test
  void anIndexOfAnotherModelIsRefused() {
    FlatIndex index = new FlatIndex();
    index.add(new EmbeddedFace(FaceRecord.of("a"), Embedding.of("other-model", 1, 2, 3)));
    assertThatThrownBy(() -> Gallery.builder().index(index).open())
        .isInstanceOf(ModelMismatchException.class)
        .hasMessageContaining("other-model")
        .hasMessageContaining(faces.analyzer().model().fingerprint());
  }

  @Test
  void aFolderThatIsNoneIsNamed() {
    assertThatThrownBy(() -> faces.addAll(PhotoSource.folder(folder.resolve("nowhere"))))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("nowhere");
    assertThatThrownBy(() -> Gallery.builder().threads(0))
        .hasMessage("threads must be between 1 and 1024, but is: 0");
  }

  @Test
  void afterCloseItRefusesToWork() throws Exception {
    Gallery search = Gallery.inMemory();
    search.close();
    search.close();
    assertThatThrownBy(() -> search.search(query(1), Search.nearest(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this gallery is closed");
  }

  /** Everything that is wrong in real folders is reported, and the good photo is found. */
  @Test
  void aHostileFolderIsReportedFileByFile() throws Exception {
    byte[] photo = Files.readAllBytes(SAMPLES.resolve("queries/person_05.jpg"));
    Files.write(folder.resolve("good.jpg"), photo);
    Files.write(folder.resolve("truncated.jpg"), Arrays.copyOf(photo, photo.length / 2));
    Files.write(folder.resolve("empty.jpg"), new byte[0]);
    Files.writeString(folder.resolve("text.png"), "not an image");
    Files.write(folder.resolve("noise.jpg"), new byte[100_000]);
    Files.write(folder.resolve("huge-header.png"), png(20_000, 20_000, new byte[100]));
    Files.write(folder.resolve("bomb.png"), png(20_000, 20_000, deflated(400_000_000)));
    Files.write(folder.resolve("lying-bomb.png"), png(100, 100, deflated(300_000_000)));
    Files.write(folder.resolve("huge-header.jpg"), hugeJpeg(photo));
    javax.imageio.ImageIO.write(
        gray(1, 1).toBufferedImage(), "png", folder.resolve("one-pixel.png").toFile());
    Files.createDirectory(folder.resolve("folder.jpg"));
    Files.createSymbolicLink(folder.resolve("loop"), folder);
    FaceIndex index = new FlatIndex();
    try (Gallery search = Gallery.builder().index(index).open()) {
      IndexingReport report = search.addAll(PhotoSource.folder(folder));
      assertThat(report.faces()).isEqualTo(1);
      assertThat(index.faces().get(0).face().source())
          .isEqualTo(Optional.of(folder.getFileName() + "/good.jpg"));
      assertThat(report.noFace()).contains(folder.toRealPath().resolve("one-pixel.png").toString());
      assertThat(report.broken())
          .extracting(file -> Path.of(file.photo()).getFileName().toString())
          .contains(
              "truncated.jpg",
              "empty.jpg",
              "text.png",
              "noise.jpg",
              "huge-header.png",
              "bomb.png",
              "huge-header.jpg");
      assertThat(report.broken())
          .allSatisfy(
              file ->
                  assertThat(file.reason())
                      .contains(Path.of(file.photo()).getFileName().toString()));
      assertThat(report.images() + report.broken().size()).isEqualTo(10);
    }
  }

  /** A PNG with the given image data, right check sums and nothing else. */
  private static byte[] png(int width, int height, byte[] data) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(0x89504e470d0a1a0aL);
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    DataOutputStream h = new DataOutputStream(head);
    h.writeInt(width);
    h.writeInt(height);
    h.write(new byte[] {8, 2, 0, 0, 0});
    chunk(out, "IHDR", head.toByteArray());
    chunk(out, "IDAT", data);
    chunk(out, "IEND", new byte[0]);
    return bytes.toByteArray();
  }

  private static void chunk(DataOutputStream out, String type, byte[] data) throws Exception {
    CRC32 crc = new CRC32();
    crc.update(type.getBytes(StandardCharsets.US_ASCII));
    crc.update(data);
    out.writeInt(data.length);
    out.writeBytes(type);
    out.write(data);
    out.writeInt((int) crc.getValue());
  }

  /** Zeros, about a thousandth of their size. */
  private static byte[] deflated(long zeros) {
    Deflater deflater = new Deflater(9);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] block = new byte[1 << 20];
    byte[] buffer = new byte[1 << 16];
    for (long done = 0; done < zeros; done += block.length) {
      deflater.setInput(block);
      while (!deflater.needsInput()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
    }
    deflater.finish();
    while (!deflater.finished()) {
      out.write(buffer, 0, deflater.deflate(buffer));
    }
    deflater.end();
    return out.toByteArray();
  }

  /** The photo with 65,535 x 65,535 pixels in its frame header. */
  private static byte[] hugeJpeg(byte[] photo) {
    byte[] copy = photo.clone();
    for (int i = 0; i < copy.length - 9; i++) {
      if (copy[i] == (byte) 0xff && (copy[i + 1] == (byte) 0xc0 || copy[i + 1] == (byte) 0xc2)) {
        Arrays.fill(copy, i + 5, i + 9, (byte) 0xff);
        return copy;
      }
    }
    throw new AssertionError("the sample has no frame header");
  }
}
