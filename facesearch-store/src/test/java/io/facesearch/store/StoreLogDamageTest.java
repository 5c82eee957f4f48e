package io.facesearch.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import io.facesearch.FaceSearchException;
import io.facesearch.LostChangesException;
import io.facesearch.testing.FaceIndexContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commits that were stored are never missing without a word, and nothing else is an alarm. */
class StoreLogDamageTest {
  private static final int CHANGES = 30;

  @TempDir Path temp;

  private static Map<String, byte[]> files(Path folder) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (var list = Files.list(folder)) {
      for (Path file : list.toList()) {
        if (!file.getFileName().toString().equals(FaceStore.LOCK)) {
          files.put(file.getFileName().toString(), Files.readAllBytes(file));
        }
      }
    }
    return files;
  }

  private static void write(Path folder, Map<String, byte[]> files) throws IOException {
    if (Files.exists(folder)) {
      StoreOperationsTest.delete(folder);
    }
    Files.createDirectory(folder);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
  }

  private static EmbeddedFace face(int i) {
    return FaceIndexContract.face("f" + i, i, i % 5, 1);
  }

  private static FaceStore.Builder builder(Path folder, boolean encrypted) {
    FaceStore.Builder builder = FaceStore.builder(folder).sync(SyncPolicy.ON_DEMAND);
    return encrypted ? builder.key(new byte[16]) : builder;
  }

  /** What kill -9 leaves of a store. */
  private Map<String, byte[]> killed(boolean encrypted) throws IOException {
    Path folder = temp.resolve("sample-" + encrypted);
    try (FaceStore store = builder(folder, encrypted).open()) {
      for (int i = 0; i < CHANGES; i++) {
        store.add(face(i));
      }
      return files(folder);
    }
  }

  @Test
  void twoHundredDamagedLogs() throws IOException {
    run(200, 5);
  }

  @Tag("slow")
  @Test
  void manyDamagedLogs() throws IOException {
    run(Integer.getInteger("facesearch.test.mutations", 300), System.nanoTime());
  }

  private void run(int mutants, long seed) throws IOException {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<Map<String, byte[]>> samples = List.of(killed(false), killed(true));
    Map<String, Integer> outcomes = new TreeMap<>();
    Path folder = temp.resolve("copy");
    for (int mutant = 0; mutant < mutants; mutant++) {
      boolean encrypted = random.nextBoolean();
      Map<String, byte[]> files = new TreeMap<>(samples.get(encrypted ? 1 : 0));
      byte[] log = StoreMutationTest.mutate(files.get(FaceDatabase.LOG), random);
      if (log == null) {
        files.remove(FaceDatabase.LOG);
      } else {
        files.put(FaceDatabase.LOG, log);
      }
      write(folder, files);
      String outcome;
      try (FaceStore store = builder(folder, encrypted).open()) {
        assertThat(store.size()).as("mutant " + mutant).isEqualTo(CHANGES);
        outcome = "all there";
      } catch (FaceSearchException e) {
        outcome = e.getClass().getSimpleName();
        assertThat(e).isInstanceOf(CorruptIndexException.class);
        if (e instanceof LostChangesException) {
          Map<String, byte[]> left = files(folder);
          files.forEach((name, bytes) -> assertThat(left.get(name)).as(name).isEqualTo(bytes));
        }
      }
      outcomes.merge(outcome, 1, Integer::sum);
    }
    System.out.println(outcomes);
    assertThat(outcomes.keySet()).contains("all there", "LostChangesException");
  }

  @Test
  void whatIsLeftIsOpenedOnPurpose() throws IOException {
    for (boolean encrypted : new boolean[] {false, true}) {
      Map<String, byte[]> files = new TreeMap<>(killed(encrypted));
      byte[] log = files.get(FaceDatabase.LOG).clone();
      log[log.length / 2] ^= 1;
      files.put(FaceDatabase.LOG, log);
      Path folder = temp.resolve("damaged-" + encrypted);
      write(folder, files);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> builder(folder, encrypted).open())
            .isInstanceOf(LostChangesException.class)
            .hasMessageContaining("of " + CHANGES + " that were made, it holds the first ")
            .hasMessageContaining("salvage(true)")
            .hasMessageContaining(folder.toString());
      }
      int left;
      try (FaceStore store = builder(folder, encrypted).salvage(true).open()) {
        left = store.size();
        assertThat(left).isBetween(1, CHANGES - 1);
        for (int i = 0; i < left; i++) {
          assertThat(store.faces().get(i)).isEqualTo(face(i));
        }
        store.add(face(100));
        store.verify();
      }
      try (FaceStore store = builder(folder, encrypted).open()) {
        assertThat(store.size()).isEqualTo(left + 1);
      }
    }
  }

  @Test
  void aLogThatIsGoneAndACounterThatIsGoneAreReported() throws IOException {
    Map<String, byte[]> whole = killed(false);
    for (String gone : List.of(FaceDatabase.LOG, CommitMark.FILE)) {
      Map<String, byte[]> files = new TreeMap<>(whole);
      files.remove(gone);
      Path folder = temp.resolve("without");
      write(folder, files);
      assertThatThrownBy(() -> FaceStore.open(folder))
          .as("without " + gone)
          .isInstanceOf(LostChangesException.class);
    }
    Map<String, byte[]> files = new TreeMap<>(whole);
    files.put(CommitMark.FILE, new byte[5000]);
    Path folder = temp.resolve("bad");
    write(folder, files);
    assertThatThrownBy(() -> FaceStore.open(folder)).isInstanceOf(LostChangesException.class);
    // One slot that was cut short is no damage.
    byte[] mark = whole.get(CommitMark.FILE).clone();
    Arrays.fill(mark, 4096, mark.length, (byte) 0);
    for (boolean first : new boolean[] {true, false}) {
      mark = whole.get(CommitMark.FILE).clone();
      Arrays.fill(mark, first ? 0 : 4096, first ? 36 : mark.length, (byte) 0);
      files.put(CommitMark.FILE, mark);
      write(folder, files);
      try (FaceStore store = FaceStore.open(folder)) {
        assertThat(store.size()).isEqualTo(CHANGES);
      }
    }
  }

  /** Either of the two tells all, also of the last change. */
  @Test
  void aLossIsFoundWithOneOfTheTwoNotesDamagedToo() throws IOException {
    for (SyncPolicy sync : List.of(SyncPolicy.ON_DEMAND, SyncPolicy.EVERY_WRITE)) {
      for (int changes = 1; changes <= 4; changes++) {
        Path sample = temp.resolve(sync + "-" + changes);
        Map<String, byte[]> whole;
        try (FaceStore store = FaceStore.builder(sample).sync(sync).open()) {
          for (int i = 0; i < changes; i++) {
            store.add(face(i));
          }
          whole = files(sample);
        }
        for (int slot = 0; slot < 2; slot++) {
          String what = sync + ", changes " + changes + ", slot " + slot;
          Map<String, byte[]> files = new TreeMap<>(whole);
          byte[] mark = whole.get(CommitMark.FILE).clone();
          mark[slot * 4096] ^= 1;
          files.put(CommitMark.FILE, mark);
          Path folder = temp.resolve("copy");
          write(folder, files);
          try (FaceStore store = FaceStore.open(folder)) {
            assertThat(store.size()).as(what).isEqualTo(changes);
          }
          byte[] log = whole.get(FaceDatabase.LOG).clone();
          log[log.length - 1] ^= 1; // the last change alone
          files.put(FaceDatabase.LOG, log);
          write(folder, files);
          assertThatThrownBy(() -> FaceStore.open(folder))
              .as(what)
              .isInstanceOf(LostChangesException.class);
        }
      }
    }
  }

  /** The counter is not what it should be, and the log is of another age besides. */
  @Test
  void aCounterThatIsGoneOrOlderHidesNoLoss() throws IOException {
    Path sample = temp.resolve("ages");
    List<Map<String, byte[]>> ages = new ArrayList<>();
    try (FaceStore store = builder(sample, false).open()) {
      for (int i = 0; i < CHANGES; i++) {
        store.add(face(i));
        if (i % 10 == 9) {
          ages.add(files(sample));
        }
      }
    }
    Map<String, byte[]> closed = files(sample);
    assertThat(closed).doesNotContainKey(FaceDatabase.LOG);
    Path folder = temp.resolve("copy");
    List<byte[]> logs = new ArrayList<>(List.of(new byte[0])); // empty is none
    ages.forEach(age -> logs.add(age.get(FaceDatabase.LOG)));
    List<byte[]> counters = new ArrayList<>(List.of(new byte[0], new byte[8192]));
    ages.forEach(age -> counters.add(age.get(CommitMark.FILE)));
    for (int log = 0; log < logs.size(); log++) {
      for (int counter = 0; counter < counters.size(); counter++) {
        Map<String, byte[]> files = new TreeMap<>(ages.get(2));
        replace(files, FaceDatabase.LOG, logs.get(log));
        replace(files, CommitMark.FILE, counters.get(counter));
        write(folder, files);
        String what = "log " + log + ", counter " + counter;
        if (log > 0 && log == counter - 1) {
          // Of one moment: with an age of all files of that moment it is a valid, older store.
          try (FaceStore store = FaceStore.open(folder)) {
            assertThat(store.size()).as(what).isEqualTo(10 * log);
          }
        } else {
          assertThatThrownBy(() -> FaceStore.open(folder))
              .as(what)
              .isInstanceOf(LostChangesException.class);
        }
      }
    }
    // Of a store that was closed, where there is no log.
    for (byte[] counter : counters.subList(0, 4)) {
      Map<String, byte[]> files = new TreeMap<>(closed);
      replace(files, CommitMark.FILE, counter);
      write(folder, files);
      assertThatThrownBy(() -> FaceStore.open(folder)).isInstanceOf(LostChangesException.class);
      try (FaceStore store = builder(folder, false).salvage(true).open()) {
        assertThat(store.size()).isEqualTo(CHANGES);
      }
      try (FaceStore store = FaceStore.open(folder)) {
        assertThat(store.verify().faces()).isEqualTo(CHANGES);
      }
    }
  }

  /** A kill while a store is made leaves its counter without a database. */
  @Test
  void aStoreThatWasBeingMadeIsMadeAnew() throws IOException {
    Path folder = temp.resolve("new");
    FaceStore.open(folder).close();
    Map<String, byte[]> files = files(folder);
    files.put(FaceDatabase.FILE + ".new", files.remove(FaceDatabase.FILE));
    write(folder, files);
    try (FaceStore store = FaceStore.open(folder)) {
      store.add(face(1));
    }
    try (FaceStore store = FaceStore.open(folder)) {
      assertThat(store.size()).isEqualTo(1);
    }
    // Without what was being made, it is one that lost its database.
    Files.delete(folder.resolve(FaceDatabase.FILE));
    assertThatThrownBy(() -> FaceStore.open(folder)).isInstanceOf(CorruptIndexException.class);
  }

  private static void replace(Map<String, byte[]> files, String name, byte[] bytes) {
    if (bytes.length == 0) {
      files.remove(name);
    } else {
      files.put(name, bytes);
    }
  }

  @Test
  void anOlderCopyOfTheDatabaseIsReported() throws IOException {
    Path folder = temp.resolve("s");
    try (FaceStore store = FaceStore.open(folder)) {
      store.add(face(1));
    }
    byte[] old = Files.readAllBytes(folder.resolve(FaceDatabase.FILE));
    try (FaceStore store = FaceStore.open(folder)) {
      store.add(face(2));
    }
    Files.write(folder.resolve(FaceDatabase.FILE), old);
    assertThatThrownBy(() -> FaceStore.open(folder)).isInstanceOf(LostChangesException.class);
    try (FaceStore store = FaceStore.builder(folder).salvage(true).open()) {
      assertThat(store.size()).isEqualTo(1);
    }
  }

  /**
   * A loss of power: the machine starts anew, and of what was not forced any page may be on the
   * disk or not, in the counter's file too. No alarm, and nothing that was forced is missing.
   */
  @Test
  void aLossOfPowerIsNoDamage() throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Path folder = temp.resolve("s");
    Path copy = temp.resolve("copy");
    int lost = 0;
    for (int round = 0; round < 60; round++) {
      if (Files.exists(folder)) {
        StoreOperationsTest.delete(folder);
      }
      int forced;
      int made;
      Map<String, byte[]> then;
      Map<String, byte[]> now;
      try (FaceStore store =
          FaceStore.builder(folder)
              .sync(round % 2 == 0 ? SyncPolicy.ON_DEMAND : SyncPolicy.EVERY_WRITE)
              .open()) {
        forced = random.nextInt(10);
        for (int i = 0; i < forced; i++) {
          store.add(face(i));
        }
        store.sync();
        then = files(folder);
        made = forced + random.nextInt(10);
        for (int i = forced; i < made; i++) {
          store.add(face(i));
        }
        now = files(folder);
        forced = round % 2 == 0 ? forced : made;
      }
      Map<String, byte[]> disk = new TreeMap<>(now);
      if (round % 2 == 0) {
        disk.put(
            FaceDatabase.LOG, mix(then.get(FaceDatabase.LOG), now.get(FaceDatabase.LOG), random));
        disk.put(CommitMark.FILE, mix(then.get(CommitMark.FILE), now.get(CommitMark.FILE), random));
      }
      disk.put(CommitMark.FILE, otherRun(disk, random));
      write(copy, disk);
      try (FaceStore store = FaceStore.open(copy)) {
        assertThat(store.size()).as("round " + round).isBetween(forced, made);
        lost += made - store.size();
        store.verify();
      }
    }
    assertThat(lost).isPositive();
    // What was forced is missed after a new start too.
    try (FaceStore store = FaceStore.builder(folder).sync(SyncPolicy.EVERY_WRITE).open()) {
      store.add(face(1000));
      Map<String, byte[]> disk = files(folder);
      disk.put(CommitMark.FILE, otherRun(disk, random));
      byte[] log = disk.get(FaceDatabase.LOG);
      log[log.length - 1] ^= 1;
      write(copy, disk);
    }
    assertThatThrownBy(() -> FaceStore.open(copy)).isInstanceOf(LostChangesException.class);
  }

  /** Pages of one or of the other. */
  private static byte[] mix(byte[] then, byte[] now, Random random) {
    byte[] mixed = then == null ? new byte[0] : then;
    mixed = Arrays.copyOf(mixed, now.length);
    for (int at = 0; at < now.length; at += 4096) {
      if (random.nextBoolean()) {
        System.arraycopy(now, at, mixed, at, Math.min(4096, now.length - at));
      }
    }
    return mixed;
  }

  /** The counter's file as another run of the operating system would have written it. */
  private static byte[] otherRun(Map<String, byte[]> disk, Random random) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(disk.get(CommitMark.FILE).clone());
    bytes.order(java.nio.ByteOrder.LITTLE_ENDIAN);
    UUID store = storeOf(disk.get(FaceDatabase.FILE));
    UUID run = new UUID(random.nextLong(), random.nextLong());
    for (int slot = 0; slot < 2; slot++) {
      int at = slot * 4096;
      bytes.put(at, CommitMark.encode(store, slot, bytes.getLong(at), bytes.getLong(at + 8), run));
    }
    return bytes.array();
  }

  /** The id, from the row of the header. */
  private static UUID storeOf(byte[] database) {
    for (int at = 0; at + 20 <= database.length; at++) {
      StoreMeta.Header header = StoreMeta.Header.decode(Arrays.copyOfRange(database, at, at + 20));
      if (header != null) {
        return header.id();
      }
    }
    throw new AssertionError("no header");
  }

  /** The policy of an interval forces the counter too, also after all threads were interrupted. */
  @Test
  void theIntervalForcesTheCounter() throws Exception {
    Path folder = temp.resolve("s");
    try (FaceStore store =
        FaceStore.builder(folder).sync(SyncPolicy.interval(Duration.ofMillis(5))).open()) {
      List<Thread> background = new ArrayList<>(Thread.getAllStackTraces().keySet());
      background.removeIf(thread -> !thread.getName().equals("facesearch-store"));
      assertThat(background).isNotEmpty();
      background.forEach(Thread::interrupt);
      Thread.sleep(50);
      store.add(face(1));
      UUID id = storeOf(Files.readAllBytes(folder.resolve(FaceDatabase.FILE)));
      long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (CommitMark.bounds(folder.resolve(CommitMark.FILE), id, new UUID(0, 0)).least() < 1) {
        assertThat(System.nanoTime()).as("never forced").isLessThan(end);
        Thread.sleep(5);
      }
    }
  }
}
