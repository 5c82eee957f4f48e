package io.facesearch.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.facesearch.EmbeddedFace;
import io.facesearch.FaceSearchException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damaged copies of all files of a store give typed errors or right answers, soon. */
class StoreMutationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path temp;

  /**
   * A store to be damaged.
   *
   * @param right what is to be found in it
   */
  private record Sample(boolean encrypted, Map<String, byte[]> files, List<EmbeddedFace> right) {}

  private Sample sample(boolean encrypted, boolean closed) throws IOException {
    Path folder = temp.resolve("sample-" + encrypted + closed);
    StoreScript script = new StoreScript(3);
    try (FaceStore store = StoreWriter.builder(folder, encrypted).open()) {
      script.next(store);
    }
    FaceStore store = StoreWriter.builder(folder, encrypted).sync(SyncPolicy.ON_DEMAND).open();
    for (int i = 0; i < 12; i++) {
      script.next(store);
    }
    if (closed) {
      store.close();
    }
    // Of an open store these are what a crash leaves.
    Map<String, byte[]> files = new TreeMap<>();
    try (var list = Files.list(folder)) {
      for (Path file : list.toList()) {
        String name = file.getFileName().toString();
        if (!name.equals(FaceStore.LOCK)) {
          files.put(name, Files.readAllBytes(file));
        }
      }
    }
    store.close();
    assertThat(files.keySet()).hasSize(closed ? 3 : 4);
    return new Sample(encrypted, files, script.faces());
  }

  @Test
  @Timeout(300)
  void aFewDamagedCopies() throws IOException {
    run(150, 41);
  }

  /** {@code -Dfacesearch.test.mutations=100000} for more. */
  @Tag("slow")
  @Test
  void manyDamagedCopies() throws IOException {
    run(Integer.getInteger("facesearch.test.mutations", 400), System.nanoTime());
  }

  private void run(int copies, long seed) throws IOException {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<Sample> samples =
        List.of(sample(false, true), sample(false, false), sample(true, true), sample(true, false));
    Map<String, Integer> outcomes = new TreeMap<>();
    long slowest = 0;
    long most = 0;
    for (int copy = 0; copy < copies; copy++) {
      Sample sample = samples.get(random.nextInt(samples.size()));
      Path folder = Files.createDirectory(temp.resolve("copy"));
      Map<String, byte[]> files = new TreeMap<>(sample.files);
      List<String> names = new ArrayList<>(files.keySet());
      String name = names.get(random.nextInt(names.size()));
      byte[] changed = mutate(files.get(name), random);
      if (changed == null) {
        files.remove(name);
      } else {
        files.put(name, changed);
      }
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Files.write(folder.resolve(file.getKey()), file.getValue());
      }
      long start = System.nanoTime();
      long allocated = THREADS.getCurrentThreadAllocatedBytes();
      String outcome;
      try {
        outcome = use(folder, sample);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "copy "
                + copy
                + " (encrypted: "
                + sample.encrypted
                + ", closed: "
                + (files.size() < 3)
                + ") with a changed "
                + name
                + ", first at "
                + (changed == null ? -1 : Arrays.mismatch(changed, sample.files.get(name))),
            e);
      }
      outcomes.merge(outcome, 1, Integer::sum);
      most = Math.max(most, THREADS.getCurrentThreadAllocatedBytes() - allocated);
      slowest = Math.max(slowest, System.nanoTime() - start);
      StoreOperationsTest.delete(folder);
    }
    System.out.printf(
        "%s; slowest %d ms, at most %d MB allocated%n",
        outcomes, slowest / 1_000_000, most / 1_000_000);
    assertThat(slowest).isLessThan(10_000_000_000L);
    assertThat(most).isLessThan(100_000_000L);
    assertThat(outcomes.keySet()).contains("right", "CorruptIndexException");
  }

  /** What came of it, after checking that it may be. */
  private static String use(Path folder, Sample sample) throws IOException {
    String outcome = "right";
    try (FaceStore store = StoreWriter.builder(folder, sample.encrypted).open()) {
      List<EmbeddedFace> found = store.faces();
      assertThat(found).isEqualTo(sample.right);
      EmbeddedFace asked = found.get(found.size() / 2);
      assertThat(store.search(asked.embedding(), 3).matches().get(0).face())
          .isEqualTo(asked.face());
      try {
        store.verify();
      } catch (FaceSearchException e) {
        outcome = "right until verified: " + e.getClass().getSimpleName();
      }
      store.add(new EmbeddedFace(io.facesearch.FaceRecord.of("later"), asked.embedding()));
    } catch (FaceSearchException e) {
      outcome =
          outcome.equals("right") ? e.getClass().getSimpleName() : outcome + ", then not closed";
      assertThat(e).hasMessageContaining(folder.toString());
    }
    return outcome;
  }

  /** Null for a file that is gone. */
  static byte[] mutate(byte[] bytes, Random random) {
    byte[] changed = bytes.clone();
    int at = random.nextInt(bytes.length);
    // The head of a file and of a page says most.
    if (random.nextInt(3) == 0) {
      at =
          Math.min(bytes.length - 1, random.nextInt(8) * 4096 % bytes.length + random.nextInt(120));
    }
    switch (random.nextInt(8)) {
      case 0 -> changed[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> changed[at] = (byte) random.nextInt(256);
      case 2 -> changed[at] = (byte) -random.nextInt(2);
      case 3 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 4 ->
          Arrays.fill(changed, at, Math.min(bytes.length, at + random.nextInt(5000)), (byte) 0);
      case 5 -> {
        int from = random.nextInt(bytes.length);
        int length = Math.min(random.nextInt(8192), bytes.length - Math.max(at, from));
        System.arraycopy(bytes, from, changed, at, length);
      }
      case 6 -> {
        for (int i = 1 + random.nextInt(20); i > 0; i--) {
          changed[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
      }
      default -> {
        if (random.nextInt(20) == 0) {
          return null;
        }
        for (int i = 0; i < 4 && at + i < bytes.length; i++) {
          changed[at + i] = (byte) random.nextInt(256);
        }
      }
    }
    return changed;
  }
}
