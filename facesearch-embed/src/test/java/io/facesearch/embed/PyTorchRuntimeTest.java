package io.facesearch.embed;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds at the first start of the engine, which a JVM has only once. */
class PyTorchRuntimeTest {
  @TempDir Path folder;

  private String run(String... properties) throws Exception {
    return run(0, properties);
  }

  private String run(int status, String... properties) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of(properties));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(HostileHost.class.getName());
    Path output = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    if (status != 0) {
      builder.environment().remove("DJL_CACHE_DIR");
    }
    Process process = builder.start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(output, StandardCharsets.UTF_8);
    assertThat(process.exitValue()).as(text).isEqualTo(status);
    return text;
  }

  @Test
  void startsWithoutNetworkAndWithABlindContextClassLoader() throws Exception {
    assertThat(run())
        .doesNotContain("network:")
        .containsPattern("\\nerror: (0\\.00[01]|\\d\\.\\d+E-)")
        .containsPattern("\\nPyTorch error: (0\\.00[01]|\\d\\.\\d+E-)")
        .contains("same loader: true", "offline: true", "opt out: true")
        .contains("threads: 1", "interop: 1")
        .doesNotContain("NNPACK");
  }

  /** DJL would take the common temporary folder, where others may have put a library. */
  @Test
  void aHomeThatCannotBeWrittenToIsToldAndNothingElseIsTaken() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path home = Files.createFile(folder.resolve("file")).resolve("home");
    assertThat(run(1, "-Duser.home=" + home, "-Djava.io.tmpdir=" + temporary))
        .contains("NativeRuntimeException: PyTorch cannot be unpacked: the folder " + home)
        .contains("DJL_CACHE_DIR", "450 MB");
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void respectsWhatTheUserHasSet() throws Exception {
    assertThat(
            run(
                "-Dai.djl.pytorch.num_threads=2",
                "-Dai.djl.pytorch.num_interop_threads=3",
                "-Dai.djl.offline=false",
                "-DOPT_OUT_TRACKING=1",
                "-Dfacesearch.malloc=false"))
        .contains("threads: 2", "interop: 3", "offline: false", "opt out: 1");
  }
}
