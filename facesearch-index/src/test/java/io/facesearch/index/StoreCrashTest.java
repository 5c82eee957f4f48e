package io.facesearch.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process that writes to a store, at a random moment, again and again. How often: {@code
 * -Dfacesearch.crashes=1000}, default 50.
 *
 * <p>The writer adds faces 0, 1, 2, ... in batches of 1 to 3, and with each batch removes or
 * updates an old face now and then; it prints a line after each call that returned. So what must be
 * there after its end follows from what was printed, but for the one call it may have been in.
 */
@DisabledOnOs(OS.WINDOWS)
class StoreCrashTest {
  private static final int CRASHES = Integer.getInteger("facesearch.crashes", 50);

  @Test
  @Tag("slow")
  void nothingThatWasStoredIsLost(@TempDir Path folder) throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<Integer> versions = new ArrayList<>(); // of each face; -1 if it was removed
    for (int crash = 0; crash < CRASHES; crash++) {
      Process writer =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElseThrow(),
                  "-XX:TieredStopAtLevel=1",
                  "-Xshare:auto",
                  "-Xmx128m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Writer.class.getName(),
                  folder.toString(),
                  Integer.toString(versions.size()),
                  Long.toString(random.nextLong()))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      List<String> calls = new ArrayList<>();
      try (BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(writer.getInputStream(), StandardCharsets.US_ASCII))) {
        assertThat(reader.readLine()).isEqualTo("open");
        int until = random.nextInt(60);
        for (int i = 0; i < until; i++) {
          calls.add(reader.readLine());
        }
        TimeUnit.MICROSECONDS.sleep(random.nextInt(3000));
        writer.toHandle().destroyForcibly(); // SIGKILL, and what it printed can still be read
        reader.lines().filter(line -> line.endsWith(".")).forEach(calls::add);
      }
      assertThat(writer.waitFor()).isEqualTo(137);
      String last = null;
      for (String call : calls) {
        if (call.startsWith("try ")) {
          last = call;
        } else {
          apply(last, versions);
          last = null;
        }
      }
      try (FaceStore store = FaceStore.open(folder)) {
        if (last != null && isDone(last, store)) {
          apply(last, versions);
        }
        check(store, versions);
        store.verify();
      }
    }
    System.out.println(CRASHES + " crashes, " + versions.size() + " faces");
  }

  /** Calls are printed before they begin as "try add FROM COUNT." or "try remove|update FACE." */
  private static void apply(String call, List<Integer> versions) {
    String[] words = call.substring(0, call.length() - 1).split(" ", -1);
    int face = Integer.parseInt(words[2]);
    switch (words[1]) {
      case "add" -> {
        for (int i = Integer.parseInt(words[3]); i > 0; i--) {
          versions.add(0);
        }
      }
      case "remove" -> versions.set(face, -1);
      default -> versions.set(face, Integer.parseInt(words[3]));
    }
  }

  private static boolean isDone(String call, FaceStore store) {
    String[] words = call.substring(0, call.length() - 1).split(" ", -1);
    int face = Integer.parseInt(words[2]);
    return switch (words[1]) {
      case "add" -> store.get("f" + face).isPresent();
      case "remove" -> store.get("f" + face).isEmpty();
      default -> store.get("f" + face).equals(Optional.of(face(face, Integer.parseInt(words[3]))));
    };
  }

  private static void check(FaceStore store, List<Integer> versions) {
    int live = 0;
    for (int i = 0; i < versions.size(); i++) {
      if (versions.get(i) < 0) {
        assertThat(store.get("f" + i)).isEmpty();
      } else {
        assertThat(store.get("f" + i)).contains(face(i, versions.get(i)));
        live++;
      }
    }
    assertThat(store.size()).isEqualTo(live);
  }

  static EmbeddedFace face(int i, int version) {
    return new EmbeddedFace(
        FaceRecord.of("f" + i, "p" + i % 3).withTag("version", version),
        Embedding.of("m", i, version, -i, 0.5f));
  }

  /** The process that is killed. */
  static final class Writer {
    public static void main(String[] args) throws IOException {
      int next = Integer.parseInt(args[1]);
      Random random = new Random(Long.parseLong(args[2]));
      try (FaceStore store = FaceStore.open(Path.of(args[0]))) {
        System.out.println("open");
        while (true) {
          int count = 1 + random.nextInt(3);
          List<EmbeddedFace> faces = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            faces.add(face(next + i, 0));
          }
          call("add " + next + " " + count, () -> store.addAll(faces));
          next += count;
          int old = random.nextInt(next);
          if (random.nextInt(4) == 0 && store.get("f" + old).isPresent()) {
            call("remove " + old, () -> store.remove("f" + old));
          } else if (random.nextInt(4) == 0 && store.get("f" + old).isPresent()) {
            int version = random.nextInt(1000);
            call("update " + old + " " + version, () -> store.update(face(old, version)));
          }
        }
      }
    }

    private static void call(String what, Runnable call) {
      System.out.println("try " + what + ".");
      call.run();
      System.out.println("done.");
    }
  }
}
