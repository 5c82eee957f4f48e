package io.facesearch.index;

import io.facesearch.FaceSearchException;
import io.facesearch.internal.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.sqlite.SQLiteJDBCLoader;

/**
 * Another process for the tests of stores: does what its arguments say, and says what came of it.
 */
final class StoreTool {
  private StoreTool() {}

  /** Starts one; {@code before} is shell, such as a umask. */
  static Process start(String before, Path libraries, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("sh", "-c", before + " exec \"$0\" \"$@\""));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Dorg.sqlite.tmpdir=" + libraries);
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(StoreTool.class.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
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
      case "saveOver" -> {
        SigmoidTreeIndex index = SigmoidTreeIndex.load(path);
        System.out.println("loaded");
        System.in.read();
        index.add(FaceIndexContract.face(args[2], 7, 7));
        try {
          index.save(path);
          System.out.println("saved");
        } catch (FaceSearchException e) {
          System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
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
