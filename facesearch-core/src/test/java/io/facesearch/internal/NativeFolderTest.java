package io.facesearch.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With processes of their own, which end or are killed. */
class NativeFolderTest {
  @TempDir private Path folder;

  private Path temporary;
  private Path library;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void makes() throws IOException {
    temporary = Files.createDirectory(folder.resolve("tmp"));
    library = Files.write(folder.resolve("lib"), new byte[100_000]);
  }

  @AfterEach
  void ends() throws InterruptedException {
    for (Process process : started) {
      process.destroyForcibly().waitFor();
    }
  }

  private Process start(Path tmpdir, Object... args) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx32m",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + tmpdir,
                NativeFolderTool.class.getName()));
    for (Object arg : args) {
      command.add(arg.toString());
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    String classPath = System.getProperty("surefire.test.class.path");
    builder
        .environment()
        .put("CLASSPATH", classPath == null ? System.getProperty("java.class.path") : classPath);
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private String run(Path tmpdir, Object... args) throws Exception {
    Process process = start(tmpdir, args);
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return text.strip();
  }

  private static List<Path> content(Path path) throws IOException {
    try (Stream<Path> all = Files.list(path)) {
      return all.toList();
    }
  }

  @Test
  void isGoneWhenTheProcessEnds() throws Exception {
    assertThat(run(temporary, "unpack", library)).endsWith("lib.so");
    assertThat(content(temporary)).isEmpty();
  }

  @Test
  void whatAKilledProcessLeftIsRemovedByTheNextAndTheLivingKeepTheirs() throws Exception {
    Process killed = start(temporary, "hold", library);
    Path left = Path.of(killed.inputReader().readLine());
    Process living = start(temporary, "hold", library);
    Path kept = Path.of(living.inputReader().readLine());
    killed.destroyForcibly().waitFor();
    assertThat(left).exists();
    run(temporary, "unpack", library);
    assertThat(left.getParent()).doesNotExist();
    assertThat(content(temporary)).containsExactly(kept.getParent());
    assertThat(kept).exists();
  }

  @Test
  void manyAtOnceGetFoldersOfTheirOwnAndLeaveNone() throws Exception {
    Process killed = start(temporary, "hold", library);
    killed.inputReader().readLine();
    killed.destroyForcibly().waitFor();
    List<Process> many = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      many.add(start(temporary, "unpack", library));
    }
    for (Process process : many) {
      assertThat(process.inputReader().readLine()).endsWith("lib.so");
      assertThat(process.waitFor()).isZero();
    }
    assertThat(content(temporary)).isEmpty();
  }

  @Test
  void aLibraryThatRunsIsNotWrittenToWhenItIsUnpackedAgain() throws Exception {
    Path first = Files.write(folder.resolve("first"), new byte[100_000]);
    Path second = Files.write(folder.resolve("second"), new byte[] {1, 2, 3});
    Path file = NativeFolder.unpack("it", first.toUri().toURL(), "again.so");
    try (FileChannel running = FileChannel.open(file, StandardOpenOption.READ)) {
      assertThat(NativeFolder.unpack("it", second.toUri().toURL(), "again.so")).isEqualTo(file);
      assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
      // To read what was cut off of a mapped file is SIGBUS.
      assertThat(running.size()).isEqualTo(100_000);
    }
  }

  @Test
  void nothingOfOthersIsTouched() throws Exception {
    Path foreign = Files.createDirectory(temporary.resolve("facesearch-native-1"));
    Path file = Files.writeString(foreign.resolve("mine"), "text"); // no lock: not ours
    Path precious = Files.createDirectory(folder.resolve("precious"));
    Path photo = Files.writeString(precious.resolve("photo.jpg"), "text");
    Files.writeString(precious.resolve(NativeFolder.LOCK), "");
    Files.createSymbolicLink(temporary.resolve("facesearch-native-2"), precious);
    Path linked = Files.createDirectory(temporary.resolve("facesearch-native-3"));
    Files.writeString(linked.resolve(NativeFolder.LOCK), "");
    Files.createSymbolicLink(linked.resolve("link"), precious);
    run(temporary, "unpack", library);
    assertThat(file).exists();
    assertThat(photo).exists();
    assertThat(linked).as("ours and dead, with a link that is not followed").doesNotExist();
  }

  @Test
  void saysWhatIsWrongWithTheTemporaryFolder() throws Exception {
    assertThat(run(folder.resolve("none"), "unpack", library))
        .contains("NativeRuntimeException: it cannot be unpacked: the temporary folder")
        .contains("none does not exist; make it; or name another folder by -Djava.io.tmpdir=");
    assertThat(run(library, "unpack", library)).contains("lib is not a folder; make it one; or");
  }

  @Test
  void aLibraryThatStaysAppearsWholeAndIsMended() throws Exception {
    Path target = folder.resolve("cache/lib/1.0");
    List<Process> many = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      many.add(start(temporary, "once", library, target));
    }
    for (Process process : many) {
      assertThat(process.inputReader().readLine()).isEqualTo("100000");
    }
    assertThat(content(target.getParent())).containsExactly(target);
    Files.write(target.resolve("lib.so"), new byte[99]);
    assertThat(run(temporary, "once", library, target)).isEqualTo("100000");
    assertThat(run(temporary, "once", library, library.resolve("x/y")))
        .contains("cannot be made")
        .contains("; or another");
    assertThat(new File(target.toFile(), "lib.so")).canRead();
  }
}
