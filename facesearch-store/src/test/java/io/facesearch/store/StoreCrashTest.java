package io.facesearch.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.facesearch.EmbeddedFace;
import io.facesearch.testing.FaceIndexContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that write a store are killed, or meet a full disk. */
class StoreCrashTest {
  @TempDir Path temp;

  private Path libraries() {
    return temp.resolve("native");
  }

  private List<String> command(Path folder, long seed, int done, boolean encrypted, int most)
      throws IOException {
    Files.createDirectories(libraries());
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-Xmx256m",
        "-Xshare:auto",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        // Killed processes leave their copy of SQLite.
        "-Dorg.sqlite.tmpdir=" + libraries(),
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-cp",
        System.getProperty("java.class.path"),
        StoreWriter.class.getName(),
        folder.toString(),
        "" + seed,
        "" + done,
        "" + encrypted,
        "" + most);
  }

  /**
   * Kill -9 at random moments: after n changes that returned, the store holds the state after n
   * changes, or after the next one, which was whole. {@code -Dfacesearch.test.kills=1000} for more.
   */
  @Tag("slow")
  @Test
  void nothingIsLostWhenTheProcessIsKilled() throws Exception {
    int kills = Integer.getInteger("facesearch.test.kills", 25);
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    int changes = 0;
    int whole = 0;
    int forgettings = 0;
    Path folder = temp.resolve("s");
    StoreScript script = new StoreScript(seed);
    boolean encrypted = false;
    for (int kill = 0; kill < kills; kill++) {
      if (script.done() > 3000 || kill == 0) {
        encrypted = !encrypted;
        folder = temp.resolve("s" + kill);
        script = new StoreScript(seed + kill);
      }
      if (Files.exists(libraries())) {
        StoreOperationsTest.delete(libraries());
      }
      Process process =
          new ProcessBuilder(command(folder, seed + kill(folder), script.done(), encrypted, 0))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      int returned = 0;
      if (random.nextInt(8) == 0) {
        // While it opens, perhaps.
        Thread.sleep(random.nextInt(500));
      } else {
        returned += process.getInputStream().read() == '.' ? 1 : 0;
        Thread.sleep(0, 1 + random.nextInt(900_000));
        Thread.sleep(random.nextInt(250));
      }
      process.toHandle().destroyForcibly(); // Process itself would close its streams too
      byte[] rest = process.getInputStream().readAllBytes();
      assertThat(process.waitFor()).isNotZero();
      returned += rest.length;
      assertThat(new String(rest, StandardCharsets.US_ASCII)).doesNotContain("!");
      for (int i = 0; i < returned; i++) {
        forgettings += script.next(null) ? 1 : 0;
      }
      changes += returned;
      try (FaceStore store = StoreWriter.builder(folder, encrypted).open()) {
        List<EmbeddedFace> found = store.faces();
        if (!found.equals(script.faces())) {
          script.next(null);
          whole++;
          assertThat(found).isEqualTo(script.faces());
        }
        if (kill % 5 == 0) {
          store.verify();
        }
      }
    }
    System.out.println(
        kills
            + " kills, "
            + changes
            + " changes, "
            + forgettings
            + " of them forgettings; "
            + whole
            + " changes were stored but not yet answered");
    assertThat(changes).isGreaterThan(kills);
  }

  /** The seed that a folder's script began with. */
  private static int kill(Path folder) {
    return Integer.parseInt(folder.getFileName().toString().substring(1));
  }

  /**
   * The limit of a file's size cuts a write short, then fails it: the failed change leaves nothing,
   * and the store goes on when there is room again, in that process and in the next.
   */
  @Tag("slow")
  @Test
  void aFullDiskLeavesTheLastGoodState() throws Exception {
    assumeTrue(Files.exists(Path.of("/usr/bin/prlimit")), "needs prlimit, which Linux has");
    Random random = new Random(8);
    for (int round = 0; round < 4; round++) {
      boolean encrypted = round % 2 == 1;
      Path folder = temp.resolve("s" + round);
      int kib = 250 + random.nextInt(round < 2 ? 100 : 700);
      Process process =
          new ProcessBuilder(command(folder, round, 0, encrypted, kib << 10))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
      assertThat(said).endsWith("!+");
      StoreScript script = new StoreScript(round);
      while (script.done() < said.length() - 1) {
        script.next(null);
      }
      try (FaceStore store = StoreWriter.builder(folder, encrypted).open()) {
        assertThat(store.faces()).isEqualTo(script.faces());
        store.verify();
      }
      System.out.println("full at " + kib + " KiB after " + (said.length() - 2) + " changes");
    }
  }

  /** The second process is told who has the store, by the lock. */
  @Tag("slow")
  @Test
  void anotherProcessIsRefused() throws IOException, InterruptedException {
    Path folder = temp.resolve("s");
    try (FaceStore store = StoreWriter.builder(folder, false).open()) {
      Process process =
          new ProcessBuilder(command(folder, 1, 0, false, 0)).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).isNotZero();
      assertThat(said).contains("IndexLockedException").contains("is open already");
      store.add(FaceIndexContract.face("a", 1));
    }
  }
}
