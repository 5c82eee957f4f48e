package io.facesearch.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Main classes of the tests in processes of their own. */
final class ChildJvm {
  private ChildJvm() {}

  /** A process with that much heap, and its temporary files in {@code folder}. */
  static ProcessBuilder of(Path folder, String heap, Class<?> mainClass, String... args)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx" + heap,
                "-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("tmp")),
                mainClass.getName()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    // Not as an argument: it is longer than some machines let one argument be.
    builder
        .environment()
        .put(
            "CLASSPATH",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    return builder;
  }
}
