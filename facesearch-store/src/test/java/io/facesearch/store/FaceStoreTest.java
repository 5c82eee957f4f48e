package io.facesearch.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import com.google.crypto.tink.mac.MacConfig;
import com.google.crypto.tink.mac.PredefinedMacParameters;
import io.facesearch.BoundingBox;
import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.ForgetReceipt;
import io.facesearch.IndexKeyException;
import io.facesearch.IndexLockedException;
import io.facesearch.IndexVersionException;
import io.facesearch.Metric;
import io.facesearch.Person;
import io.facesearch.TagValue;
import io.facesearch.UnknownFaceException;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.testing.FaceIndexContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaceStoreTest extends FaceIndexContract {
  @TempDir Path temp;

  private final List<FaceStore> opened = new ArrayList<>();

  /** Null for none. */
  byte[] key() {
    return null;
  }

  @Override
  protected FaceIndex newIndex() {
    return open(temp.resolve("store" + opened.size()));
  }

  FaceStore open(Path folder) {
    FaceStore.Builder builder = FaceStore.builder(folder);
    if (key() != null) {
      builder.key(key());
    }
    try {
      FaceStore store = builder.open();
      opened.add(store);
      return store;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void closeAll() {
    opened.forEach(FaceStore::close);
  }

  static List<EmbeddedFace> samples() {
    return List.of(
        new EmbeddedFace(FaceRecord.of("a"), Embedding.of("modèle", 1, -2.5f, 1e-45f)),
        new EmbeddedFace(FaceRecord.of("ÿ😀", "Ann"), Embedding.of("modèle", -0f, 1e18f, 3)),
        new EmbeddedFace(
            new FaceRecord(
                "c",
                "",
                "x/y.jpg",
                new BoundingBox(-1.5, 2, 3, 4.25),
                Map.of(
                    "year", TagValue.of(2026), "camera", TagValue.of(""), "t", TagValue.of("ü"))),
            Embedding.of("modèle", 0, 0, 0)));
  }

  @Test
  void everythingIsThereAfterReopening() {
    Path folder = temp.resolve("a ?#%'é");
    try (FaceStore store = open(folder)) {
      store.addAll(samples());
      store.add(new EmbeddedFace(FaceRecord.of("d", "Bob"), Embedding.of("modèle", 9, 9, 9)));
      store.update(new EmbeddedFace(FaceRecord.of("a", "Cid"), Embedding.of("modèle", 4, 5, 6)));
      assertThat(store.remove("d")).isTrue();
      assertThat(store.remove("d")).isFalse();
    }
    List<EmbeddedFace> expected = new ArrayList<>(samples().subList(1, 3));
    expected.add(new EmbeddedFace(FaceRecord.of("a", "Cid"), Embedding.of("modèle", 4, 5, 6)));
    for (int i = 0; i < 2; i++) {
      try (FaceStore store = open(folder)) {
        assertThat(store.faces()).isEqualTo(expected);
        assertThat(store.model()).contains("modèle");
        assertThat(store.get("d")).isEmpty();
        StoreReport report = store.verify();
        assertThat(report.faces()).isEqualTo(3);
        assertThat(report.encrypted()).isEqualTo(key() != null);
      }
      assertThat(folder.resolve(FaceDatabase.LOG)).doesNotExist();
    }
  }

  @Test
  void theMetricOfTheStoreHolds() throws IOException {
    Path folder = temp.resolve("s");
    FaceStore.Builder cosine =
        FaceStore.builder(folder).index(SigmoidTreeIndex.builder().metric(Metric.COSINE));
    if (key() != null) {
      cosine.key(key());
    }
    List<EmbeddedFace> faces;
    try (FaceStore store = cosine.open()) {
      store.add(face("a", 3, 4));
      store.add(face("b", 1, 7));
      store.update(face("a", 3, 11));
      faces = List.copyOf(store.faces());
      store.verify();
    }
    SigmoidTreeIndex.Builder settings = SigmoidTreeIndex.builder();
    FaceStore.Builder again = FaceStore.builder(folder).index(settings);
    if (key() != null) {
      again.key(key());
    }
    try (FaceStore store = again.open()) {
      assertThat(store.metric()).isEqualTo(Metric.COSINE);
      assertThat(store.faces()).isEqualTo(faces);
    }
    assertThat(settings.build().metric()).isEqualTo(Metric.EUCLIDEAN);
  }

  @Test
  void aSecondOpeningIsRefused() {
    Path folder = temp.resolve("s");
    FaceStore store = open(folder);
    assertThatThrownBy(() -> FaceStore.open(folder))
        .isInstanceOf(IndexLockedException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("open already");
    store.add(face("a", 1));
    store.close();
    assertThat(open(folder).size()).isEqualTo(1);
  }

  @Test
  void aClosedStoreSaysSo() {
    FaceStore store = open(temp.resolve("s"));
    store.close();
    store.close();
    assertThatThrownBy(() -> store.add(face("a", 1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
    assertThatThrownBy(() -> store.search(query(1), 1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> store.remove("a")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(store::sync).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(store::verify).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void textsThatAreNoUnicodeAreRefusedAndNothingIsAdded() {
    FaceStore store = open(temp.resolve("s"));
    assertThatThrownBy(() -> store.addAll(List.of(face("a", 1), face("\ud800", 1))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(store.size()).isZero();
    assertThatThrownBy(() -> store.update(face("a", 1))).isInstanceOf(UnknownFaceException.class);
  }

  /** Nothing of a person is left in any file, wherever it may have been before. */
  @Test
  void forgettingLeavesNoTrace() throws IOException {
    Path folder = temp.resolve("s");
    Random random = new Random(5);
    List<EmbeddedFace> anns = new ArrayList<>();
    List<EmbeddedFace> kept = new ArrayList<>();
    FaceStore store = open(folder);
    for (int i = 0; i < 900; i++) {
      float[] vector = new float[64];
      for (int j = 0; j < vector.length; j++) {
        vector[j] = random.nextFloat();
      }
      boolean ann = i % 3 == 0;
      EmbeddedFace face =
          new EmbeddedFace(
              new FaceRecord(
                  (ann ? "annid" : "other") + i,
                  ann ? "Ann Forgotten" : "Bob Kept",
                  (ann ? "annsource" : "bobsource") + i,
                  null,
                  Map.of("note", TagValue.of(ann ? "anntag" : "bobtag"))),
              Embedding.of("m", vector));
      (ann ? anns : kept).add(face);
      store.add(face);
    }
    store.people();
    // Some were removed or changed before, which leaves their old rows to be found.
    for (int i = 0; i < 30; i++) {
      store.remove(anns.get(i).face().id());
      store.update(new EmbeddedFace(anns.get(30 + i).face(), Embedding.of("m", new float[64])));
    }
    store.close();
    assertThat(find(folder, "Ann Forgotten".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(key() == null);
    store = open(folder);
    for (int i = 0; i < 300; i++) {
      EmbeddedFace face = anns.get(i);
      if (i < 30) {
        store.add(face);
        store.remove(face.face().id());
      }
    }
    String before = store.forget("Nobody").stateHash();
    ForgetReceipt receipt = store.forget("Ann Forgotten");
    assertThat(receipt.faces()).isEqualTo(270);
    assertThat(receipt.person()).isEqualTo("Ann Forgotten");
    assertThat(receipt.stateHash()).hasSize(64).isNotEqualTo(before);
    assertThat(store.faces()).isEqualTo(kept);
    for (int round = 0; round < 3; round++) {
      for (String text : List.of("Ann Forgotten", "annid", "annsource", "anntag")) {
        assertThat(find(folder, text.getBytes(StandardCharsets.UTF_8))).as(text).isFalse();
      }
      for (EmbeddedFace ann : anns) {
        assertThat(find(folder, bytes(ann.embedding()))).as(ann.face().id()).isFalse();
      }
      assertThat(find(folder, bytes(kept.get(0).embedding()))).isEqualTo(key() == null);
      if (round == 0) {
        store.add(face("later", new float[64]));
        store.remove("later");
        store.verify();
        store.close();
      } else if (round == 1) {
        store = open(folder);
        assertThat(store.faces()).isEqualTo(kept);
        assertThat(store.forget("Ann Forgotten").faces()).isZero();
        assertThat(store.forget("Ann Forgotten").stateHash()).isEqualTo(receipt.stateHash());
      }
    }
  }

  /** The tree file keeps the places of such faces, but not their records. */
  @Test
  void newFacesThatWereRemovedOrUpdatedAreNoDamageToTheTree() throws IOException {
    Path folder = temp.resolve("s");
    Random random = new Random(3);
    FaceStore store = open(folder);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < 6000; i++) {
      faces.add(face("tree" + i, random.nextFloat(), random.nextFloat()));
    }
    store.addAll(faces);
    for (int i = 0; i < 1100; i++) {
      store.add(face("new" + i, random.nextFloat(), random.nextFloat()));
    }
    store.remove("tree7");
    store.remove("new0");
    store.remove("new1099");
    store.update(face("new5", 0.5f, 0.5f));
    List<EmbeddedFace> before = store.faces();
    store.close();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.filter(file -> file.toString().endsWith(".tree"))).hasSize(1);
    }
    store = open(folder);
    assertThat(store.faces()).isEqualTo(before);
    assertThat(store.search(Embedding.of("m", 0.5f, 0.5f), 1).matches().get(0).face().id())
        .isEqualTo("new5");
    store.verify();
  }

  @Test
  void forgettingAPersonOfPeopleTakesFacesWithoutAName() throws IOException {
    Path folder = temp.resolve("s");
    FaceStore store = open(folder);
    for (int i = 0; i < 6; i++) {
      store.add(face("nameless" + i, 0.01f * i, 0));
      store.add(face("kept" + i, 3, 0.01f * i));
    }
    store.add(new EmbeddedFace(FaceRecord.of("ann1", "Ann"), Embedding.of("m", 9, 9)));
    store.add(face("ann2", 9, 9.01f));
    store.add(new EmbeddedFace(FaceRecord.of("ann3", "Ann"), Embedding.of("m", 20, 9)));
    Map<String, Person> people = new HashMap<>();
    store.people().forEach(person -> person.faceIds().forEach(id -> people.put(id, person)));

    assertThat(store.forget("Ann").faces()).isEqualTo(2);
    assertThat(store.get("ann2")).isPresent();
    ForgetReceipt nameless = store.forget(people.get("nameless0"));
    assertThat(nameless.person()).isEqualTo(people.get("nameless0").id());
    assertThat(nameless.faces()).isEqualTo(6);
    assertThat(find(folder, "nameless".getBytes(StandardCharsets.UTF_8))).isFalse();
    assertThat(store.people()).noneMatch(person -> person.id().equals(nameless.person()));

    store.add(new EmbeddedFace(FaceRecord.of("ann4", "Ann"), Embedding.of("m", 9, 9)));
    Person ann =
        store.people().stream()
            .filter(person -> person.faceIds().contains("ann4"))
            .findAny()
            .orElseThrow();
    assertThat(ann.faceIds()).contains("ann2");
    store.add(new EmbeddedFace(FaceRecord.of("ann5", "Ann"), Embedding.of("m", 20, 9)));
    assertThat(store.forget(ann).faces()).isEqualTo(3);
    assertThat(find(folder, "ann".getBytes(StandardCharsets.UTF_8))).isFalse();
    assertThat(store.size()).isEqualTo(6);
    store.verify();
  }

  /** 0.9 apart: one person among unit vectors, two among others; also if it was asked for early. */
  @Test
  void theDistanceOfPeopleSuitsTheVectors() {
    for (float norm : new float[] {1, 2}) {
      FaceStore store = open(temp.resolve("norm" + norm));
      assertThat(store.people()).isEmpty();
      double angle = 2 * Math.asin(0.45 / norm);
      store.add(face("a", norm, 0));
      store.add(face("b", (float) (norm * Math.cos(angle)), (float) (norm * Math.sin(angle))));
      assertThat(store.people()).hasSize((int) norm);
      store.close();
      assertThat(open(temp.resolve("norm" + norm)).people()).hasSize((int) norm);
    }
  }

  @Test
  void groupingThatIsInterruptedBeforeTheFirstPersonSaysSo() {
    FaceStore store = open(temp.resolve("interrupted"));
    store.add(face("a", 1, 0));
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(store::people).isInstanceOf(CancellationException.class);
    } finally {
      Thread.interrupted();
    }
    assertThat(store.people()).hasSize(1);
  }

  @Test
  void peopleAndCorrectionsAreKept() throws IOException {
    Path folder = temp.resolve("people");
    FaceStore store = open(folder);
    for (int i = 0; i < 6; i++) {
      store.add(face("a" + i, 0.01f * i, 0));
      store.add(face("b" + i, 3, 0.01f * i));
    }
    store.add(new EmbeddedFace(FaceRecord.of("ann", "Ann"), Embedding.of("m", 9, 9)));
    List<Person> people = store.people();
    assertThat(people).hasSize(3);
    assertThat(people.get(2).name()).contains("Ann");
    String a = people.get(0).id();
    Person other = store.split(a, List.of("a4", "a5"));
    Person both = store.merge(people.get(1).id(), people.get(2).id());
    assertThat(both.name()).contains("Ann");
    store.close();

    store = open(folder);
    store.add(face("a6", 0, 0));
    people = store.people();
    assertThat(people).hasSize(3);
    assertThat(people).anyMatch(person -> person.equals(other));
    assertThat(people).anyMatch(person -> person.id().equals(a) && person.faceIds().size() == 5);
    store.forget("Ann");
    assertThat(store.people()).hasSize(3).noneMatch(person -> person.name().isPresent());
    FaceStore last = store;
    assertThatThrownBy(() -> last.split("person-0", List.of("a1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("person-0");
    Thread.currentThread().interrupt();
    store.add(face("c", 5, 5));
    assertThatThrownBy(last::people).isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(store.people()).hasSize(4);
  }

  /** Sixteen bytes of the vector: any part of it that is longer would hold them or their like. */
  private static byte[] bytes(Embedding embedding) {
    ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 4; i++) {
      bytes.putFloat(embedding.get(20 + i));
    }
    return bytes.array();
  }

  /** Whether any file of a folder holds some bytes. */
  static boolean find(Path folder, byte[] wanted) throws IOException {
    String needle = new String(wanted, StandardCharsets.ISO_8859_1);
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(needle)) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void keysAreChecked() throws IOException {
    assertThatThrownBy(() -> FaceStore.builder(temp).key(new byte[17]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a key must have 16 or 32 bytes (AES-128 or AES-256), but has 17");
    Path folder = temp.resolve("s");
    try (FaceStore store = open(folder)) {
      store.addAll(samples());
    }
    byte[] wrong = new byte[32];
    wrong[3] = 5;
    assertThatThrownBy(() -> FaceStore.builder(folder).key(wrong).open())
        .isInstanceOf(IndexKeyException.class)
        .hasMessageContaining(key() == null ? "is not encrypted" : "is not the one");
    if (key() != null) {
      assertThatThrownBy(() -> FaceStore.open(folder))
          .isInstanceOf(IndexKeyException.class)
          .hasMessageContaining("no key was given");
    }
    try (FaceStore store = open(folder)) {
      store.rotateKey(wrong);
      store.add(new EmbeddedFace(FaceRecord.of("after"), Embedding.of("modèle", 1, 1, 1)));
      store.verify();
    }
    if (key() != null) {
      assertThatThrownBy(() -> FaceStore.builder(folder).key(key()).open())
          .isInstanceOf(IndexKeyException.class);
    }
    try (FaceStore store = FaceStore.builder(folder).key(wrong).open()) {
      assertThat(store.faces().subList(0, 3)).isEqualTo(samples());
      assertThat(store.get("after")).isPresent();
      assertThat(store.verify().encrypted()).isTrue();
    }
    assertThat(find(folder, "modèle".getBytes(StandardCharsets.UTF_8))).isFalse();
  }

  @Test
  void keysetsOfTinkWork() throws IOException, GeneralSecurityException {
    AeadConfig.register();
    KeysetHandle keys =
        KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM, RegistryConfiguration.get());
    Path folder = temp.resolve("s");
    try (FaceStore store = FaceStore.builder(folder).key(keys).open()) {
      store.addAll(samples());
    }
    try (FaceStore store = FaceStore.builder(folder).key(keys).open()) {
      assertThat(store.faces()).isEqualTo(samples());
    }
    KeysetHandle others =
        KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM, RegistryConfiguration.get());
    assertThatThrownBy(() -> FaceStore.builder(folder).key(others).open())
        .isInstanceOf(IndexKeyException.class);
    MacConfig.register();
    KeysetHandle mac =
        KeysetHandle.generateNew(
            PredefinedMacParameters.HMAC_SHA256_128BITTAG, RegistryConfiguration.get());
    assertThat(mac.getPrimitive(RegistryConfiguration.get(), com.google.crypto.tink.Mac.class))
        .isNotNull();
    assertThatThrownBy(() -> FaceStore.builder(folder).key(mac))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatIsNoStoreIsNamed() throws IOException {
    Path folder = temp.resolve("s");
    try (FaceStore store = open(folder)) {
      store.addAll(samples());
    }
    Path file = folder.resolve(FaceDatabase.FILE);
    byte[] bytes = Files.readAllBytes(file);
    for (int length : new int[] {0, 1, 99, 100, 4095, 4096, bytes.length - 1}) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> open(folder))
          .as("%d bytes", length)
          .isInstanceOf(CorruptIndexException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("cut off at offset " + length);
    }
    Files.write(file, change(bytes, 63, 9));
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(IndexVersionException.class)
        .hasMessageContaining("version 9, which is newer");
    Files.write(file, change(bytes, 63, 0));
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(IndexVersionException.class)
        .hasMessageContaining("version 0, which never was");
    Files.write(file, change(bytes, 70, 9));
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(CorruptIndexException.class)
        .hasMessageContaining("another program");
    Files.write(file, change(bytes, 0, 9));
    assertThatThrownBy(() -> open(folder)).isInstanceOf(CorruptIndexException.class);
    Files.delete(file);
    Files.write(folder.resolve(FaceDatabase.LOG), bytes);
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(CorruptIndexException.class)
        .hasMessageContaining("but no ");
    Files.delete(folder.resolve(FaceDatabase.LOG));
    Files.write(file, bytes);
    assertThat(open(folder).faces()).isEqualTo(samples());
  }

  private static byte[] change(byte[] bytes, int at, int value) {
    byte[] changed = bytes.clone();
    changed[at] = (byte) value;
    return changed;
  }

  private static Path treeFile(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".tree")).findAny().orElse(null);
    }
  }

  private static EmbeddedFace at(int i) {
    return new EmbeddedFace(FaceRecord.of("f" + i, "p" + i % 7), Embedding.of("m", i, i * i % 71));
  }

  /** What came after the tree file was written is replayed. */
  @Test
  void theTreeFileIsUsedAndMayBeLost() throws IOException {
    Path folder = temp.resolve("s");
    List<EmbeddedFace> expected = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      expected.add(at(i));
    }
    try (FaceStore store = open(folder)) {
      store.addAll(expected);
    }
    Path file = treeFile(folder);
    assertThat(file).isNotNull();
    try (FaceStore store = open(folder)) {
      for (int i = 0; i < 100; i++) {
        assertThat(store.remove("f" + 7 * i)).isTrue();
        expected.remove(at(7 * i));
        EmbeddedFace changed =
            new EmbeddedFace(FaceRecord.of("f" + (7 * i + 1), "q"), Embedding.of("m", -i, i));
        store.update(changed);
        expected.remove(at(7 * i + 1));
        expected.add(changed);
      }
      store.add(at(5000));
      expected.add(at(5000));
      store.remove("f1");
      expected.removeIf(face -> face.face().id().equals("f1"));
    }
    assertThat(treeFile(folder)).isEqualTo(file);
    for (int i = 0; i < 2; i++) {
      try (FaceStore store = open(folder)) {
        assertThat(store.faces()).isEqualTo(expected);
        assertThat(store.get("f7")).isEmpty();
        assertThat(store.search(Embedding.of("m", -50, 50), 1).matches().get(0).face().id())
            .isEqualTo("f351");
        store.verify();
      }
      if (i == 0) {
        Files.delete(file);
      }
    }
    file = treeFile(folder);
    assertThat(file).as("made anew").isNotNull();
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, change(bytes, bytes.length / 2, bytes[bytes.length / 2] + 1));
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(CorruptIndexException.class)
        .hasMessageContaining(treeFile(folder).toString())
        .hasMessageContaining("at offset ")
        .hasMessageContaining("it may be deleted");
    Files.delete(file);
    assertThat(open(folder).faces()).isEqualTo(expected);
  }

  /** A tree file of an earlier time, or of another store, is not taken. */
  @Test
  void foreignTreeFilesAreRefused() throws IOException {
    Path folder = temp.resolve("s");
    Path other = temp.resolve("t");
    for (Path each : List.of(folder, other)) {
      try (FaceStore store = open(each)) {
        for (int i = 0; i < 2000; i++) {
          store.add(at(i));
        }
      }
    }
    byte[] foreign = Files.readAllBytes(treeFile(other));
    byte[] old = Files.readAllBytes(treeFile(folder));
    try (FaceStore store = open(folder)) {
      Path before = treeFile(folder);
      store.forget("p1");
      assertThat(before).doesNotExist();
    }
    for (byte[] wrong : List.of(foreign, old)) {
      Files.write(treeFile(folder), wrong);
      assertThatThrownBy(() -> open(folder)).isInstanceOf(CorruptIndexException.class);
    }
    Files.delete(treeFile(folder));
    assertThat(open(folder).size()).isEqualTo(1714);
  }

  @Test
  void syncPoliciesAreChecked() throws IOException {
    assertThatThrownBy(() -> SyncPolicy.interval(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SyncPolicy.interval(Duration.ofDays(2)))
        .isInstanceOf(IllegalArgumentException.class);
    for (SyncPolicy policy :
        List.of(
            SyncPolicy.EVERY_WRITE,
            SyncPolicy.ON_DEMAND,
            SyncPolicy.interval(Duration.ofMillis(1)))) {
      Path folder = temp.resolve(policy.toString().replace('(', '-'));
      try (FaceStore store = FaceStore.builder(folder).sync(policy).open()) {
        for (int i = 0; i < 100; i++) {
          store.add(face("f" + i, i));
        }
        store.sync();
      }
      assertThat(FaceStore.open(folder).size()).isEqualTo(100);
    }
  }
}
