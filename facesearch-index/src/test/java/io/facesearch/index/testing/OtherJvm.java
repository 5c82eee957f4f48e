package io.facesearch.index.testing;

import io.facesearch.FaceSearchException;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.testing.FaceIndexContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts other processes for tests, and is one itself, which saves an index over a file. */
public final class OtherJvm {
  private OtherJvm() {}

  /**
   * Starts a class.
   *
   * @param before shell, such as a umask
   * @param options of Java
   */
  public static Process start(
      Class<?> main, String before, List<String> options, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("sh", "-c", before + " exec \"$0\" \"$@\""));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /**
   * Starts one that loads a file, waits for the end of its input, and saves it with a face more.
   */
  public static Process startSaveOver(Path file, String id) throws IOException {
    return start(OtherJvm.class, "", List.of(), List.of(file.toString(), id));
  }

  public static void main(String[] args) throws Exception {
    SigmoidTreeIndex index = SigmoidTreeIndex.load(Path.of(args[0]));
    System.out.println("loaded");
    System.in.read();
    index.add(FaceIndexContract.face(args[1], 7, 7));
    try {
      index.save(Path.of(args[0]));
      System.out.println("saved");
    } catch (FaceSearchException e) {
      System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }
}
