package io.facesearch.store;

import io.facesearch.FaceSearchException;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.index.testing.OtherJvm;
import io.facesearch.internal.AtomicFile;
import io.facesearch.testing.FaceIndexContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.sqlite.SQLiteJDBCLoader;

/**
 * Another process for the tests of stores: does what its arguments say, and says what came of it.
 */
final class StoreTool {
  private StoreTool() {}

  /** Starts one; {@code before} is shell, such as a umask. */
  static Process start(String before, Path libraries, String... arguments) throws IOException {
    return OtherJvm.start(
        StoreTool.class,
        before,
        List.of("--enable-native-access=ALL-UNNAMED", "-Dorg.sqlite.tmpdir=" + libraries),
        List.of(arguments));
  }

  /** What one said until it ended. */
  static String run(String before, Path libraries, String... arguments)
      throws IOException, InterruptedException {
    Process process = start(before, libraries, arguments);
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said.strip();
  }

  public static void main(String[] args) throws Exception {
    Path path = Path.of(args[1]);
    switch (args[0]) {
      case "open" -> open(path, Integer.parseInt(args[2]));
      case "openWithoutRoom" -> {
        SQLiteJDBCLoader.initialize(); // which writes a file
        StoreWriter.limitFiles("8192:"); // less than what SQLite writes beside a log to read it
        open(path, 1);
      }
      case "make" -> {
        try (FaceStore store = FaceStore.open(path)) {
          for (int i = 0; i < 1200; i++) {
            store.add(FaceIndexContract.face("f" + i, i, i * i % 31));
          }
          store.sync();
          System.out.println("made");
          System.in.read();
        }
      }
      case "hang" -> {
        SigmoidTreeIndex index = SigmoidTreeIndex.load(path);
        AtomicFile.write(
            path,
            channel -> {
              channel.write(
                  java.nio.ByteBuffer.wrap(
                      index.faces().toString().getBytes(StandardCharsets.UTF_8)));
              System.out.println("hanging");
              try {
                Thread.sleep(600_000);
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
            });
      }
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  /** Tries to open a store so often, and says how often it could. */
  private static void open(Path path, int times) throws IOException {
    int opened = 0;
    String message = "";
    for (int i = 0; i < times; i++) {
      try (FaceStore store = FaceStore.open(path)) {
        opened++;
      } catch (FaceSearchException e) {
        message = e.getClass().getSimpleName() + " " + e.getMessage();
      }
    }
    System.out.println(opened + " opened " + message);
  }
}
