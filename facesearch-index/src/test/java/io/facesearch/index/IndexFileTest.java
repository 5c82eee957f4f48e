package io.facesearch.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.BoundingBox;
import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.ForgetReceipt;
import io.facesearch.IndexVersionException;
import io.facesearch.Metric;
import io.facesearch.ModelMismatchException;
import io.facesearch.PhotoRoot;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.TagValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexFileTest {
  @TempDir Path folder;

  static FlatIndex sample() {
    FlatIndex index = new FlatIndex();
    index.addAll(
        List.of(
            new EmbeddedFace(FaceRecord.of("a"), Embedding.of("modèle", 1, -2.5f, 1e-45f)),
            new EmbeddedFace(FaceRecord.of("ÿ😀", "Ann"), Embedding.of("modèle", -0f, 1e18f, 3)),
            new EmbeddedFace(
                new FaceRecord(
                    "c",
                    "",
                    "x/y.jpg",
                    new BoundingBox(-1.5, 2, 3, 4.25),
                    Map.of("year", TagValue.of(1999), "name", TagValue.of("été"))),
                Embedding.of("modèle", 0, 0, 0))));
    return index;
  }

  /** Files that were kept; see GoldenFiles for how they were made. */
  @Test
  void filesOfEachVersionAreRead() throws Exception {
    Path plain = Path.of(IndexFileTest.class.getResource("version-5.fsx").toURI());
    assertThat(FlatIndex.load(plain).faces()).isEqualTo(sample().faces());
    assertThat(SigmoidTreeIndex.load(plain).faces()).isEqualTo(sample().faces());
    for (String name : List.of("version-6.fsx", "version-7.fsx")) {
      Path withTree = Path.of(IndexFileTest.class.getResource(name).toURI());
      assertThat(FlatIndex.load(withTree).faces()).isEqualTo(GoldenFiles.many());
      SigmoidTreeIndex tree = SigmoidTreeIndex.builder().leafSize(16).load(withTree);
      assertThat(tree.faces()).isEqualTo(GoldenFiles.many());
      Embedding query = GoldenFiles.many().get(7).embedding();
      FlatIndex flat = new FlatIndex();
      flat.addAll(GoldenFiles.many());
      assertThat(tree.search(query, 9).matches()).isEqualTo(flat.search(query, 9).matches());
    }
  }

  @Test
  void bothIndexesReadBackWhatWasWritten() throws IOException {
    Path file = folder.resolve("faces.idx");
    FlatIndex index = sample();
    index.save(file);
    assertThat(FlatIndex.load(file).faces()).isEqualTo(index.faces());
    SigmoidTreeIndex tree = SigmoidTreeIndex.load(file);
    assertThat(tree.faces()).isEqualTo(index.faces());
    assertThat(tree.model()).contains("modèle");
    Path again = folder.resolve("again.idx");
    tree.save(again);
    assertThat(Files.readAllBytes(again)).isEqualTo(Files.readAllBytes(file));
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void emptyIndexAndReplacement() throws IOException {
    Path file = folder.resolve("faces.idx");
    sample().save(file);
    new FlatIndex().overwrite(file);
    FlatIndex index = FlatIndex.load(file);
    assertThat(index.size()).isZero();
    assertThat(index.model()).isEmpty();
  }

  @Test
  void largeIndexRoundTrips() throws IOException {
    Path file = folder.resolve("faces.idx");
    Random random = new Random(1);
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
    for (int i = 0; i < 3000; i++) {
      float[] vector = new float[33];
      for (int j = 0; j < 33; j++) {
        vector[j] = random.nextFloat();
      }
      index.add(
          new EmbeddedFace(FaceRecord.of("id-" + i, "p".repeat(i)), Embedding.of("m", vector)));
    }
    index.save(file);
    assertThat(SigmoidTreeIndex.builder().leafSize(5).load(file).faces()).isEqualTo(index.faces());
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    Path file = folder.resolve("faces.idx");
    sample().save(file);
    byte[] bytes = Files.readAllBytes(file);
    for (int length = 0; length < bytes.length; length++) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> FlatIndex.load(file))
          .as("%d bytes", length)
          .isInstanceOf(CorruptIndexException.class);
    }
    Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
    assertThatThrownBy(() -> FlatIndex.load(file)).isInstanceOf(CorruptIndexException.class);
  }

  @Test
  void everyChangedByteIsRefused() throws IOException {
    Path file = folder.resolve("faces.idx");
    sample().save(file);
    byte[] bytes = Files.readAllBytes(file);
    long seed = 77;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 1000; i++) {
      byte[] changed = bytes.clone();
      int at = i < bytes.length ? i : random.nextInt(bytes.length);
      for (int n = i % 4; n >= 0; n--) {
        changed[(at + n) % bytes.length] ^= (byte) (1 + random.nextInt(255));
      }
      Files.write(file, changed);
      assertThatThrownBy(() -> FlatIndex.load(file)).isInstanceOf(FaceSearchException.class);
    }
  }

  @Test
  void hugeLengthsAreRefusedWithoutAllocation() throws IOException {
    Path file = folder.resolve("faces.idx");
    sample().save(file);
    byte[] bytes = Files.readAllBytes(file);
    for (int at = 12; at + 4 <= bytes.length; at++) {
      for (int value : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 1 << 30}) {
        byte[] changed = bytes.clone();
        for (int b = 0; b < 4; b++) {
          changed[at + b] = (byte) (value >>> 8 * b);
        }
        if (!Arrays.equals(changed, bytes)) {
          Files.write(file, changed);
          assertThatThrownBy(() -> FlatIndex.load(file)).isInstanceOf(FaceSearchException.class);
        }
      }
    }
  }

  @Test
  void theMetricIsKept() throws IOException {
    Path file = folder.resolve("faces.idx");
    FlatIndex index = new FlatIndex(Metric.COSINE);
    index.add(new EmbeddedFace(FaceRecord.of("a"), Embedding.of("m", 3, 4)));
    index.save(file);
    assertThat(FlatIndex.load(file).metric()).isEqualTo(Metric.COSINE);
    SigmoidTreeIndex tree = SigmoidTreeIndex.load(file);
    assertThat(tree.metric()).isEqualTo(Metric.COSINE);
    assertThat(tree.faces()).isEqualTo(index.faces());
    byte[] bytes = Files.readAllBytes(file);
    bytes[12] = 2;
    seal(bytes);
    Files.write(file, bytes);
    assertThatThrownBy(() -> FlatIndex.load(file))
        .isInstanceOf(CorruptIndexException.class)
        .hasMessageContaining("metric 2");
  }

  @Test
  void otherVersionsAreNamed() throws IOException {
    Path file = folder.resolve("faces.idx");
    sample().save(file);
    byte[] bytes = Files.readAllBytes(file);
    bytes[8] = 9;
    Files.write(file, bytes);
    assertThatThrownBy(() -> SigmoidTreeIndex.load(file))
        .isInstanceOf(IndexVersionException.class)
        .hasMessageContaining("versions 3 to 7")
        .hasMessageContaining("version 9");
  }

  @Test
  void otherFilesAndMissingFiles() throws IOException {
    Path file = folder.resolve("photo.jpg");
    Files.writeString(file, "not an index at all");
    assertThatThrownBy(() -> FlatIndex.load(file))
        .isInstanceOf(CorruptIndexException.class)
        .hasMessageContaining("photo.jpg is not an index file, or is damaged")
        .hasMessageContaining("name another file, or restore it from a copy");
    assertThat(IndexFile.isOne(file)).isFalse();
    assertThat(IndexFile.isOne(folder)).isFalse();
    assertThat(IndexFile.isOne(folder.resolve("none"))).isFalse();
    new FlatIndex().save(file.resolveSibling("real"));
    assertThat(IndexFile.isOne(file.resolveSibling("real"))).isTrue();
    assertThatThrownBy(() -> FlatIndex.load(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aFailedWriteLeavesTheOldFileAndNoOther() throws IOException {
    Path file = folder.resolve("faces.idx");
    sample().save(file);
    FlatIndex bad = new FlatIndex();
    bad.add(new EmbeddedFace(FaceRecord.of("\ud800"), Embedding.of("m", 1)));
    assertThatThrownBy(() -> bad.save(file)).isInstanceOf(IllegalArgumentException.class);
    assertThat(FlatIndex.load(file).size()).isEqualTo(3);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  /** With a checksum that fits, only the checks of the values themselves are left. */
  @Test
  void changesBehindAValidChecksumGiveOnlyTypedExceptions() throws IOException {
    Path file = folder.resolve("faces.idx");
    sample().save(file);
    byte[] bytes = Files.readAllBytes(file);
    long seed = 78;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 1000; i++) {
      byte[] changed = bytes.clone();
      int at = 12 + random.nextInt(bytes.length - 16);
      changed[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : -random.nextInt(2));
      seal(changed);
      Files.write(file, changed);
      try {
        assertThat(FlatIndex.load(file).size()).isEqualTo(3);
      } catch (CorruptIndexException e) {
        assertThat(e).hasMessageContaining("faces.idx");
      }
    }
  }

  private static void seal(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length - 4);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(bytes.length - 4, (int) crc.getValue());
  }

  @Test
  void valuesThatCannotBeAreRefusedBehindAValidChecksum() throws IOException {
    Path file = folder.resolve("faces.idx");
    sample().save(file);
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 8, Float.NaN);
    seal(bytes);
    Files.write(file, bytes);
    assertThatThrownBy(() -> FlatIndex.load(file))
        .isInstanceOf(CorruptIndexException.class)
        .hasMessageContaining("vector 2 holds NaN");
  }

  @Test
  void idsThatOccurTwiceAreRefused() throws IOException {
    Path file = folder.resolve("faces.idx");
    EmbeddedFace face = new EmbeddedFace(FaceRecord.of("a"), Embedding.of("m", 1));
    IndexFile.write(new ListIndex(List.of(face, face)), file);
    assertThatThrownBy(() -> FlatIndex.load(file))
        .isInstanceOf(CorruptIndexException.class)
        .hasMessageContaining("an id occurs twice");
    assertThatThrownBy(() -> SigmoidTreeIndex.load(file)).isInstanceOf(CorruptIndexException.class);
  }

  @Test
  void facesOfSeveralModelsAreNotWritten() {
    Path file = folder.resolve("faces.idx");
    EmbeddedFace a = new EmbeddedFace(FaceRecord.of("a"), Embedding.of("m", 1));
    EmbeddedFace b = new EmbeddedFace(FaceRecord.of("b"), Embedding.of("other", 1));
    assertThatThrownBy(() -> IndexFile.write(new ListIndex(List.of(a, b)), file))
        .isInstanceOf(ModelMismatchException.class);
    assertThat(folder).isEmptyDirectory();
  }

  /** An index that checks nothing. */
  private record ListIndex(List<EmbeddedFace> faces) implements FaceIndex {
    @Override
    public void addAll(List<EmbeddedFace> added) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SearchResult search(Embedding query, Search request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void update(EmbeddedFace face) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean remove(String id) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void replaceAll(Set<String> ids, List<EmbeddedFace> faces) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, Path> roots() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void setRoot(PhotoRoot root) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void removeRoot(String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ForgetReceipt forget(String person) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<EmbeddedFace> get(String id) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int size() {
      return faces.size();
    }

    @Override
    public Optional<String> model() {
      return Optional.empty();
    }
  }
}
