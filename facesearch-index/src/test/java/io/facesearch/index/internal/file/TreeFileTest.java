package io.facesearch.index.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.IndexVersionException;
import io.facesearch.Metric;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.internal.codec.MappedSection;
import io.facesearch.index.internal.quantize.BoundKernel;
import io.facesearch.index.internal.quantize.BoundKernelTest;
import io.facesearch.index.internal.quantize.Kernels;
import io.facesearch.index.internal.quantize.Packing;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import io.facesearch.index.internal.tree.CodeUse;
import io.facesearch.index.internal.tree.StoredTree;
import io.facesearch.index.internal.tree.TreeIndex;
import io.facesearch.index.internal.tree.TreeShape;
import io.facesearch.internal.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TreeFileTest {
  private static void save(TreeIndex index, Path file) throws IOException {
    TreeIndexFile.write(index, new KnownFiles(), file, true);
  }

  private static TreeIndex load(Path file) throws IOException {
    return TreeIndexFile.load(TreeIndex.builder(), file);
  }

  private static TreeIndex loadMapped(Path file) throws IOException {
    return TreeIndexFile.load(TreeIndex.builder().leastMapped(0), file);
  }

  /** With a new key. */
  private static Seal aesGcm(UUID store) throws GeneralSecurityException {
    KeyGenerator keys = KeyGenerator.getInstance("AES");
    SecretKey key = keys.generateKey();
    SecureRandom random = new SecureRandom();
    return new Seal(
        new Seal.Cipher() {
          @Override
          public byte[] encrypt(byte[] plain, byte[] place) throws GeneralSecurityException {
            byte[] nonce = new byte[12];
            random.nextBytes(nonce);
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, nonce));
            cipher.updateAAD(place);
            byte[] sealed = Arrays.copyOf(nonce, 12 + plain.length + 16);
            cipher.doFinal(plain, 0, plain.length, sealed, 12);
            return sealed;
          }

          @Override
          public byte[] decrypt(byte[] sealed, byte[] place) throws GeneralSecurityException {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, sealed, 0, 12));
            cipher.updateAAD(place);
            return cipher.doFinal(sealed, 12, sealed.length - 12);
          }
        },
        store);
  }

  private static final int DIMENSION = 40;

  @TempDir Path folder;

  private static EmbeddedFace face(int i) {
    Random random = new Random(i);
    float[] vector = new float[DIMENSION];
    for (int j = 0; j < DIMENSION; j++) {
      vector[j] = (float) random.nextGaussian();
    }
    FaceRecord face =
        FaceRecord.of("é" + "x".repeat(i % 90) + i, "p" + i % 7).withTag("year", i % 13);
    return new EmbeddedFace(face, Embedding.of("modèle", vector));
  }

  private static List<EmbeddedFace> faces(int from, int to) {
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = from; i < to; i++) {
      faces.add(face(i));
    }
    return faces;
  }

  /** Whether both answer all kinds of questions alike. */
  private static void assertSame(TreeIndex index, TreeIndex other, int queries) {
    assertThat(index.size()).isEqualTo(other.size());
    assertThat(index.faces()).isEqualTo(other.faces());
    for (int i = 0; i < queries; i++) {
      Embedding query = face(1_000_000 + i).embedding();
      assertThat(index.search(query, 7)).isEqualTo(other.search(query, 7));
      assertThat(index.search(query, Search.nearest(5).recall(0.9)).matches())
          .isEqualTo(other.search(query, Search.nearest(5).recall(0.9)).matches());
      assertThat(index.search(query, Search.within(7)).matches())
          .isEqualTo(other.search(query, Search.within(7)).matches());
    }
  }

  @ParameterizedTest
  @CsvSource({"300,0", "3000,0", "6000,0", "6000,37", "6000,700"})
  void whatIsLoadedAnswersAsBeforeAndGoesOn(int inTree, int later) throws IOException {
    TreeIndex index = TreeIndex.builder().build();
    index.addAll(faces(0, inTree));
    faces(inTree, inTree + later).forEach(index::add);
    Path file = folder.resolve("faces.idx");
    save(index, file);
    TreeIndex loaded = load(file);
    assertThat(loaded.tree()).isNotNull();
    assertThat(loaded.stats()).isEqualTo(index.stats());
    assertThat(loaded.calibration()).isEqualTo(index.calibration());
    assertSame(loaded, index, 30);
    for (TreeIndex each : List.of(loaded, index)) {
      faces(10_000, 10_100).forEach(each::add);
      each.update(new EmbeddedFace(face(5).face(), face(77).embedding()));
      assertThat(each.remove(face(17).face().id())).isTrue();
      assertThat(each.remove(face(17).face().id())).isFalse();
      each.add(face(17));
      each.forget("p3");
      each.close();
    }
    assertSame(loaded, index, 10);
    Path again = folder.resolve("again.idx");
    save(loaded, again);
    assertSame(load(again), index, 10);
    assertThat(FlatIndex.load(again).faces()).isEqualTo(index.faces());
    Path same = folder.resolve("same.idx");
    save(load(again), same);
    assertThat(same).hasSameBinaryContentAs(again);
  }

  /** Codes of all dimensions of either kernel, of 8 and of 4 bits, in chunks of any length. */
  @ParameterizedTest
  @CsvSource({"EIGHT_BITS,300", "FOUR_BITS,300", "EIGHT_BITS,4096", "FOUR_BITS,9000"})
  void codesOfAllDimensionsAreKept(Packing packing, int count) throws IOException {
    for (BoundKernel kernel : BoundKernelTest.kernels()) {
      TreeIndex index = TreeIndex.builder().codeUse(CodeUse.whole(kernel, packing)).build();
      index.addAll(faces(0, count));
      faces(count, count + 50).forEach(index::add);
      Path file = folder.resolve(kernel.name() + ".idx");
      save(index, file);
      TreeIndex loaded = load(file);
      QuantizedVectors codes = loaded.tree().codes;
      QuantizedVectors former = index.tree().codes;
      assertThat(codes.isWhole).isTrue();
      assertThat(codes.packing).isEqualTo(packing);
      assertThat(codes.scales()).isEqualTo(former.scales());
      assertSame(loaded, index, 20);
      Path again = folder.resolve(kernel.name() + "-again.idx");
      save(loaded, again);
      assertThat(again).hasSameBinaryContentAs(file);
    }
  }

  @Test
  void nothingOfRemovedFacesIsSaved() throws IOException {
    TreeIndex index = TreeIndex.builder().build();
    index.addAll(faces(0, 3000));
    EmbeddedFace gone = face(1234);
    index.remove(gone.face().id());
    Path file = folder.resolve("faces.idx");
    save(index, file);
    String bytes = Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
    assertThat(bytes).contains(found(face(1235))).doesNotContain(found(gone));
    assertThat(load(file).faces()).isEqualTo(index.faces());
  }

  /** The first numbers of a vector as they lie in the file. */
  private static String found(EmbeddedFace face) {
    ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 4; i++) {
      bytes.putFloat(face.embedding().get(i));
    }
    return new String(bytes.array(), java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  @Test
  void otherSettingsBuildTheTreeAnew() throws IOException {
    TreeIndex index = TreeIndex.builder().metric(Metric.COSINE).build();
    index.addAll(faces(0, 5000));
    Path file = folder.resolve("faces.idx");
    save(index, file);
    TreeIndex other = TreeIndexFile.load(TreeIndex.builder().leafSize(20).approximate(false), file);
    assertThat(other.metric()).isEqualTo(Metric.COSINE);
    assertThat(other.stats().leaves()).isGreaterThan(200);
    assertThat(other.calibration()).isEmpty();
    assertThat(other.faces()).isEqualTo(index.faces());
    TreeFile.Content content =
        TreeFile.read(
            file,
            new TreeShape(128, 64, "TWO_MEANS", true, "of another machine"),
            TreeFile.PLAIN,
            0,
            TreeIndex.LEAST_MAPPED);
    assertThat(content.hasTree()).isFalse();
    assertThat(content.live()).isEqualTo(index.faces());
  }

  @Test
  void numbersRemovedFacesAndSealsOfAStore() throws Exception {
    TreeIndex index = TreeIndex.builder().build();
    index.addImmutable(faces(0, 3000), i -> 10L * i);
    index.remove(face(7).face().id());
    index.updateImmutable(List.of(face(9)), 1L << 40);
    Path file = folder.resolve("tree");
    Seal seal = aesGcm(new UUID(1, 2));
    AtomicFile.write(file, TreeFile.content(index.state(), index.shape(), seal, 12_345));
    TreeIndex loaded = TreeIndexFile.load(TreeIndex.builder(), file, seal, 12_345);
    assertSame(loaded, index, 10);
    assertThat(loaded.number(face(7).face().id())).isEqualTo(-1);
    assertThat(loaded.number(face(8).face().id())).isEqualTo(80);
    assertThat(loaded.number(face(9).face().id())).isEqualTo(1L << 40);
    loaded.forget("p1");
    assertThat(loaded.number(face(11).face().id())).isEqualTo(110);
    String bytes = Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
    assertThat(bytes).doesNotContain(found(face(8))).doesNotContain("xxxxxxxx");
    assertThatThrownBy(() -> TreeIndexFile.load(TreeIndex.builder(), file, seal, 12_346))
        .isInstanceOf(CorruptIndexException.class)
        .hasMessageContaining("offset 16");
    Seal wrong = aesGcm(new UUID(1, 2));
    assertThatThrownBy(() -> TreeIndexFile.load(TreeIndex.builder(), file, wrong, 12_345))
        .isInstanceOf(CorruptIndexException.class);
    assertThatThrownBy(() -> load(file)).isInstanceOf(CorruptIndexException.class);
  }

  @Test
  void idsThatLookAlikeAreToldApart() throws IOException {
    TreeIndex index = TreeIndex.builder().leafSize(2).build();
    List<String> ids = new ArrayList<>(List.of("?", "\0", "\0\0", "a", "Aa", "BB", "AaAa", "BBBB"));
    for (int i = 1; i < 300; i++) {
      ids.add("y".repeat(i));
    }
    for (String id : ids) {
      index.add(new EmbeddedFace(FaceRecord.of(id), Embedding.of("m", ids.indexOf(id), 0)));
    }
    index.forget("nobody"); // builds one tree of all
    Path file = folder.resolve("faces.idx");
    save(index, file);
    TreeIndex loaded = load(file);
    for (String id : ids) {
      assertThat(loaded.get(id).orElseThrow().face().id()).isEqualTo(id);
    }
    assertThat(loaded.get("\ud800")).isEmpty();
    assertThat(loaded.get("z")).isEmpty();
    assertThat(loaded.get("y".repeat(300))).isEmpty();
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    Path file = small();
    byte[] bytes = Files.readAllBytes(file);
    Random random = new Random(5);
    for (int i = 0; i < 300; i++) {
      int length = i < 40 ? i : random.nextInt(bytes.length);
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> load(file))
          .as("%d bytes", length)
          .isInstanceOf(CorruptIndexException.class)
          .hasMessageContaining("faces.idx");
    }
    Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
    assertThatThrownBy(() -> load(file))
        .isInstanceOf(CorruptIndexException.class)
        .hasMessageContaining("offset");
  }

  @Test
  void everyChangedByteIsRefused() throws IOException {
    mutate(1_500, 91);
  }

  /** More with {@code -Dfacesearch.test.mutations=50000}. */
  @Tag("slow")
  @Test
  void everyChangedByteIsRefusedAtLength() throws IOException {
    mutate(Integer.getInteger("facesearch.test.mutations", 1_000), System.nanoTime());
  }

  /** Read, it is refused; mapped, the answers are told to be wrong, or they are right. */
  private void mutate(int tries, long seed) throws IOException {
    System.out.println("seed " + seed);
    Path file = small();
    byte[] bytes = Files.readAllBytes(file);
    List<SearchResult> answers = new ArrayList<>();
    for (int q = 0; q < 3; q++) {
      answers.add(load(file).search(face(q).embedding(), 5));
    }
    int told = 0;
    Random random = new Random(seed);
    for (int i = 0; i < tries; i++) {
      byte[] changed = bytes.clone();
      int at = i % 2 == 0 ? random.nextInt(16 + 2000) : random.nextInt(bytes.length);
      for (int n = i % 4; n >= 0; n--) {
        changed[(at + n) % bytes.length] ^= (byte) (1 + random.nextInt(255));
      }
      Files.write(file, changed);
      assertThatThrownBy(() -> load(file)).isInstanceOf(FaceSearchException.class);
      assertThatThrownBy(
              () -> TreeFile.verify(file, TreeIndex.builder().build().shape(), TreeFile.PLAIN, 0))
          .isInstanceOf(FaceSearchException.class);
      try {
        TreeIndex index = loadMapped(file);
        for (int q = 0; q < 3; q++) {
          assertThat(index.search(face(q).embedding(), 5)).isEqualTo(answers.get(q));
        }
      } catch (CorruptIndexException | IndexVersionException e) {
        told++;
      }
    }
    assertThat(told).isBetween(1, tries - 1);
  }

  /** With checksums that fit, only the checks of the values themselves are left. */
  @Test
  void changesBehindValidChecksumsGiveOnlyTypedExceptions() throws IOException {
    reseal(1_000, 92);
  }

  /** More with {@code -Dfacesearch.test.mutations=50000}. */
  @Tag("slow")
  @Test
  void changesBehindValidChecksumsAtLength() throws IOException {
    reseal(Integer.getInteger("facesearch.test.mutations", 1_000), System.nanoTime());
  }

  private void reseal(int tries, long seed) throws IOException {
    System.out.println("seed " + seed);
    Path file = small();
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer whole = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int head = whole.getInt(12);
    Random random = new Random(seed);
    int opened = 0;
    for (int i = 0; i < tries; i++) {
      byte[] changed = bytes.clone();
      int at;
      if (i % 2 == 0) {
        at = 16 + random.nextInt(head - 4);
      } else {
        at = 16 + head + random.nextInt(bytes.length - 16 - head);
      }
      changed[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : -random.nextInt(2));
      resealAll(changed, bytes, head);
      Files.write(file, changed);
      try {
        TreeIndex index = i % 4 < 2 ? load(file) : loadMapped(file);
        for (int q = 0; q < 3; q++) {
          index.search(face(q).embedding(), 5);
          index.search(face(q).embedding(), Search.nearest(5).leaves(0.2));
        }
        index.faces().forEach(face -> face.face().id());
        opened++;
      } catch (FaceSearchException e) {
        // Also a dimension or model that is not that of the query.
      }
    }
    assertThat(opened).isPositive();
  }

  /** Puts right what {@link TreeFile#PLAIN} checks: the head and each section have one chunk. */
  private static void resealAll(byte[] changed, byte[] original, int head) {
    Seal seal = TreeFile.PLAIN;
    put(changed, 16, head, seal, 64);
    // The sizes of the sections as they are, not as the changed head tells.
    ByteBuffer sizes =
        ByteBuffer.wrap(original, 16, head - 4).slice().order(ByteOrder.LITTLE_ENDIAN);
    int sections = 0;
    while (sizes.getInt(sizes.limit() - 9 * sections - 4) != sections || sections == 0) {
      sections++;
    }
    int at = 16 + head;
    for (int i = 0; i < sections; i++) {
      int bytes = (int) sizes.getLong(sizes.limit() - 9 * sections + 8 * i);
      if (sizes.get(sizes.limit() - sections + i) == 1) {
        at = (at + 4095) & -4096;
        ByteBuffer checksums = ByteBuffer.allocate(4 * MappedSection.blocks(bytes));
        for (int from = 0; from < bytes; from += 4096) {
          checksums
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt(MappedSection.checksum(changed, at + from, Math.min(4096, bytes - from)));
        }
        at += bytes;
        bytes = checksums.capacity();
        System.arraycopy(checksums.array(), 0, changed, at, bytes);
      }
      for (int chunk = 0; chunk * TreeFile.CHUNK < bytes; chunk++) {
        int length = Math.min(TreeFile.CHUNK, bytes - chunk * TreeFile.CHUNK) + 4;
        byte[] plain = Arrays.copyOfRange(changed, at, at + length - 4);
        System.arraycopy(seal.seal(plain, 65 + i, chunk), 0, changed, at, length);
        at += length;
      }
    }
    assertThat(at).isEqualTo(changed.length);
  }

  private static void put(byte[] changed, int at, int length, Seal seal, int kind) {
    byte[] plain = Arrays.copyOfRange(changed, at, at + length - 4);
    System.arraycopy(seal.seal(plain, kind, 0), 0, changed, at, length);
  }

  @Test
  void treesThatWouldLeadAstrayAreFound() {
    TreeIndex index = TreeIndex.builder().build();
    index.addAll(faces(0, 4200));
    assertThat(index.tree().neighbors).isNotNull();
    assertThat(new StoredTree(index.tree()).check()).isNull();
    StoredTree tree = new StoredTree(index.tree());
    for (int[] some : List.of(tree.ordinals, tree.children, tree.leafStarts, tree.neighborArray)) {
      for (int value : new int[] {-4300, -1, 0, 1, 4200, Integer.MAX_VALUE}) {
        for (int at : new int[] {0, some.length / 2, some.length - 1}) {
          int right = some[at];
          boolean fine = value == right || some == tree.neighborArray && value >= 0 && value < 4200;
          some[at] = value;
          if (fine) {
            assertThat(tree.check()).isNull();
          } else {
            assertThat(tree.check()).as("%d at %d of %d", value, at, some.length).isNotNull();
          }
          some[at] = right;
        }
      }
    }
    assertThat(tree.check()).isNull();
  }

  private Path small() throws IOException {
    TreeIndex index = TreeIndex.builder().codeUse(CodeUse.always(Kernels.best())).build();
    index.addAll(faces(0, 1100));
    faces(1100, 1120).forEach(index::add);
    Path file = folder.resolve("faces.idx");
    save(index, file);
    assertThat(load(file).stats().kernel()).isNotEqualTo("none");
    return file;
  }
}
