package io.facesearch.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the command line, here and in processes of their own. */
public final class Commands {
  private Commands() {}

  /** Runs a command in this process; returns its exit status. */
  public static int run(Object... args) {
    return Run.run(args).status();
  }

  /** A process of its own that runs a main class, with its temporary files in {@code folder}. */
  public static ProcessBuilder child(Path folder, String mainClass, String... args)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx1g",
                "-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("tmp")),
                mainClass));
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
