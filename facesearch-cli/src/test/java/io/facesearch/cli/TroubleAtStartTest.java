package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Temporary folders, homes and heaps that do not serve: one clear line each, with the cause, the
 * place and the remedy.
 */
@Tag("slow")
class TroubleAtStartTest {
  private static final Path PHOTO =
      Path.of("src/main/resources/io/facesearch/cli/samples/queries/person_01.jpg")
          .toAbsolutePath();

  @TempDir private Path folder;

  private Path photos;
  private Path temporary;
  private Path home;
  private final List<Path> mounted = new ArrayList<>();

  private record Run(int status, String text) {}

  @BeforeEach
  void makes() throws IOException {
    photos = Files.createDirectory(folder.resolve("photos"));
    Files.copy(PHOTO, photos.resolve("ann.jpg"));
    temporary = Files.createDirectory(folder.resolve("tmp"));
    home = Files.createDirectory(folder.resolve("home"));
  }

  @AfterEach
  void unmounts() throws Exception {
    for (Path path : mounted) {
      new ProcessBuilder("umount", path.toString()).inheritIO().start().waitFor();
    }
  }

  private Run run(Path tmpdir, Path user, List<String> options, Object... args) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + tmpdir,
                "-Duser.home=" + user));
    command.addAll(options);
    command.add(FaceSearchCommand.class.getName());
    for (Object arg : args) {
      command.add(arg.toString());
    }
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("HOME", user.toString());
    builder.environment().remove("DJL_CACHE_DIR");
    builder
        .environment()
        .put(
            "CLASSPATH",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), text);
  }

  /** One line for the user, beside what progress bars and logs say. */
  private static void assertOneLine(Run run, String... parts) {
    assertThat(run.status()).as(run.text()).isEqualTo(1);
    List<String> lines = run.text().lines().filter(l -> l.startsWith("facesearch: ")).toList();
    assertThat(lines).as(run.text()).hasSize(1);
    assertThat(lines.get(0)).contains(parts).doesNotContain("null", "Exception");
    assertThat(run.text()).doesNotContain("\tat ", "Caused by");
  }

  private Path mount(String name, String options, boolean readOnly) throws Exception {
    Path path = Files.createDirectory(folder.resolve(name));
    int status =
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", options, "none", path.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
    assumeTrue(status == 0, "nothing can be mounted here: skipped");
    mounted.add(path);
    if (readOnly) {
      status =
          new ProcessBuilder("mount", "-o", "remount,ro", path.toString())
              .inheritIO()
              .start()
              .waitFor();
      assertThat(status).isZero();
    }
    return path;
  }

  @Test
  void aTemporaryFolderThatIsMissingOrAFile() throws Exception {
    Path missing = folder.resolve("none");
    assertOneLine(
        run(missing, home, List.of(), "index", "--photos", photos, "--gallery", "a"),
        "the temporary folder " + missing + " does not exist; make it; or name another folder",
        "-Djava.io.tmpdir=");
    Path file = photos.resolve("ann.jpg");
    assertOneLine(
        run(file, home, List.of(), "index", "--photos", photos, "--gallery", "b"),
        "the temporary folder " + file + " is not a folder",
        "-Djava.io.tmpdir=");
  }

  @Test
  void aTemporaryFolderThatIsReadOnlyFullOrNoexec() throws Exception {
    Path readOnly = mount("ro", "size=1m", true);
    Path full = mount("full", "size=2m", false);
    Path noexec = mount("noexec", "noexec,size=200m", false);
    assertOneLine(
        run(readOnly, home, List.of(), "index", "--photos", photos, "--gallery", "c"),
        readOnly + " cannot be written to (Read-only file system)",
        "-Djava.io.tmpdir=");
    assertOneLine(
        run(full, home, List.of(), "index", "--photos", photos, "--gallery", "d"),
        full + " is full; make room there",
        "-Djava.io.tmpdir=");
    assertOneLine(
        run(noexec, home, List.of(), "index", "--photos", photos, "--gallery", "e"),
        noexec + " lets no library be loaded from it",
        "noexec",
        "-Djava.io.tmpdir=");
    assertThat(full).isEmptyDirectory();
    assertThat(noexec).isEmptyDirectory();
  }

  @Test
  void aHomeThatCannotBeWrittenToIsNotNeeded() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    Run indexed = run(temporary, file.resolve("home"), List.of(), "index", "--photos", photos);
    assertThat(indexed.status()).as(indexed.text()).isZero();
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void aSmallMachineSuffices() throws Exception {
    Run indexed = run(temporary, home, List.of("-XX:MaxRAM=512m"), "index", "--photos", photos);
    assertThat(indexed.status()).as(indexed.text()).isZero();
    assertThat(indexed.text()).contains("1 faces in");
  }

  @Test
  void aHeapThatIsTooSmallIsTold() throws Exception {
    assertOneLine(
        run(temporary, home, List.of("-Xmx40m"), "index", "--photos", photos, "--model", "dlib"),
        "does not fit into the heap of",
        "MB are needed; start java with -Xmx");
    for (String heap : List.of("-Xmx20m", "-Xmx12m")) {
      assertOneLine(
          run(temporary, home, List.of(heap), "index", "--photos", photos),
          "heap",
          "start java with");
    }
    assertThat(temporary).isEmptyDirectory();
  }
}
