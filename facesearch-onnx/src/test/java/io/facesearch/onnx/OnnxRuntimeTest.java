package io.facesearch.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starting ONNX Runtime, in processes of their own. */
class OnnxRuntimeTest {
  @TempDir private Path folder;

  /** What the process does. */
  static final class Starts {
    private Starts() {}

    public static void main(String[] args) {
      System.out.println("started " + OnnxRuntime.environment().getVersion());
    }
  }

  private String start(String classPath) throws Exception {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    Path home = Files.createDirectories(folder.resolve("home"));
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-Xmx64m",
                    "-Djava.io.tmpdir=" + temporary,
                    "-Duser.home=" + home,
                    "-cp",
                    classPath,
                    Starts.class.getName()))
            .redirectErrorStream(true);
    builder.environment().put("HOME", home.toString());
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isLessThan(128); // killed by no signal
    assertThat(temporary).as(text).isEmptyDirectory();
    assertThat(home).as(text).isEmptyDirectory();
    return text;
  }

  private static String classPath() {
    String surefire = System.getProperty("surefire.test.class.path");
    return surefire == null ? System.getProperty("java.class.path") : surefire;
  }

  /**
   * As one does that runs out of memory before its task catches anything: nobody waits for ever.
   */
  @Test
  @Timeout(60)
  void aThreadThatEndsWithoutItsTaskIsNotWaitedFor() {
    FutureTask<Void> never = new FutureTask<>(() -> {}, null);
    Thread ended = new Thread(() -> {});
    ended.start();
    assertThatThrownBy(() -> OnnxRuntime.await(never, ended)).isInstanceOf(OutOfMemoryError.class);
  }

  /** Telemetry of 1.29.0 matched the command line by a recursive expression, and died. */
  @Test
  void startsWithALongCommandLineAndLeavesNothing() throws Exception {
    StringBuilder classPath = new StringBuilder(classPath());
    for (int i = 0; classPath.length() < 100_000; i++) {
      classPath.append(File.pathSeparator).append("/opt/application/lib/library-").append(i);
      classPath.append(".jar");
    }
    assertThat(start(classPath.toString())).contains("started ");
  }

  @Test
  void aVersionThatReportsToItsMakerIsNotLoaded() throws Exception {
    boolean mac = System.mapLibraryName("x").endsWith("dylib");
    boolean windows = File.separatorChar == '\\';
    String arch = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x64";
    Path library =
        folder
            .resolve("classes/ai/onnxruntime/native")
            .resolve((windows ? "win-" : mac ? "osx-" : "linux-") + arch)
            .resolve(System.mapLibraryName("onnxruntime"));
    Files.createDirectories(library.getParent());
    Files.writeString(library, "....https://events.data.microsoft.com/OneCollector/1.0/....");
    assertThat(start(folder.resolve("classes") + File.pathSeparator + classPath()))
        .contains("NativeRuntimeException", "reports to its maker", "is not loaded", "1.28.0")
        .doesNotContain("started");
  }
}
