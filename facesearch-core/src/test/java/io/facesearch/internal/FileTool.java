package io.facesearch.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Another process for the tests of files: does what its arguments say and prints what came of it.
 */
final class FileTool {
  private FileTool() {}

  /** Starts one; {@code before} is shell, such as a umask. */
  static Process start(String before, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add("sh");
    command.add("-c");
    command.add(before + " exec \"$0\" \"$@\"");
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(FileTool.class.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** What one said until it ended. */
  static String run(String before, String... arguments) throws IOException, InterruptedException {
    Process process = start(before, arguments);
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said.strip();
  }

  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[1]);
    switch (args[0]) {
      case "lock" -> {
        try (LockedFile locked = LockedFile.open(file)) {
          System.out.println(locked == null ? "refused" : "locked");
        }
      }
      case "write" -> {
        AtomicFile.writeString(file, args[2]);
        System.out.println("written");
      }
      case "make" -> {
        PrivateFiles.createFolders(file);
        PrivateFiles.open(file.resolve("a"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)
            .close();
        PrivateFiles.append(file.resolve("b")).close();
        AtomicFile.writeString(file.resolve("c"), "c");
        LockedFile.open(file.resolve("d")).close();
        System.out.println("made");
      }
      case "hang" ->
          AtomicFile.write(
              file,
              channel -> {
                channel.write(ByteBuffer.wrap(args[2].getBytes(StandardCharsets.UTF_8)));
                System.out.println("hanging");
                try {
                  Thread.sleep(600_000);
                } catch (InterruptedException e) {
                  throw new IOException(e);
                }
              });
      default -> throw new IllegalArgumentException(args[0]);
    }
  }
}
