package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The archive as a user has it: unpacked, moved, started from elsewhere, in another locale. */
@Tag("slow")
@Timeout(600)
@EnabledOnOs(OS.LINUX)
class ArchiveIT {
  private static final Path SAMPLES =
      Path.of("src/main/resources/io/facesearch/cli/samples").toAbsolutePath();

  @TempDir private Path temporary;
  private Path app;

  /** With the rights that it says, as unzip does it; no zip that facesearch makes leads outside. */
  @BeforeEach
  void unpack() throws IOException {
    Path zip;
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      zip =
          files
              .filter(file -> file.getFileName().toString().matches("facesearch-[^/]+\\.zip"))
              .findFirst()
              .orElseThrow();
    }
    Path folder = Files.createDirectory(temporary.resolve("mit Blank und Ümläut"));
    try (ZipFile archive = ZipFile.builder().setPath(zip).get()) {
      Enumeration<ZipArchiveEntry> entries = archive.getEntries();
      while (entries.hasMoreElements()) {
        ZipArchiveEntry entry = entries.nextElement();
        Path target = folder.resolve(entry.getName()).normalize();
        assertThat(target).startsWithRaw(folder);
        if (entry.isDirectory()) {
          Files.createDirectories(target);
          continue;
        }
        Files.createDirectories(target.getParent());
        try (InputStream in = archive.getInputStream(entry)) {
          Files.copy(in, target);
        }
        if ((entry.getUnixMode() & 0100) != 0) {
          Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      app = files.findFirst().orElseThrow();
    }
  }

  private record Ended(int status, String out, String err) {}

  private Ended run(Path launcher, String locale, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(Files.createDirectories(temporary.resolve("elsewhere")).toFile());
    builder.environment().put("LC_ALL", locale);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "CLASSPATH"));
    Path err = Files.createTempFile(temporary, "err", ".txt");
    builder.redirectError(err.toFile());
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
    return new Ended(process.exitValue(), out, Files.readString(err));
  }

  private List<Path> archives() throws IOException {
    try (Stream<Path> files = Files.list(app.resolve("cds"))) {
      return files.filter(file -> file.toString().endsWith(".jsa")).toList();
    }
  }

  @Test
  void itRunsWhereverItLies() throws Exception {
    Ended help = run(app.resolve("bin/facesearch"), "C.UTF-8", "--help");
    assertThat(help.status()).as(help.err()).isZero();
    assertThat(help.err()).isEmpty();
    assertThat(help.out()).contains("identify  ", "Examples:");
    List<Path> first = archives();
    assertThat(first).as("classes of a faster start").hasSize(1);
    assertThat(Files.size(first.get(0))).isGreaterThan(1 << 20);
    assertThat(temporary.resolve("elsewhere")).as("no log of a crash").isEmptyDirectory();

    Path moved = Files.createDirectories(temporary.resolve("Übrig bleibt")).resolve("face search");
    Files.move(app, moved);
    app = moved;
    Path link = Files.createSymbolicLink(temporary.resolve("fs"), moved.resolve("bin/facesearch"));
    Path photos = Files.createDirectories(temporary.resolve("Fotos/Jürgen Groß"));
    Files.copy(SAMPLES.resolve("gallery/person_01/photo_1.jpg"), photos.resolve("ä.jpg"));
    String store = temporary.resolve("gällery").toString();
    Ended indexed =
        run(link, "C", "index", "--photos", photos.getParent().toString(), "--gallery", store);
    assertThat(indexed.status()).as(indexed.err()).isZero();
    assertThat(indexed.out()).contains("1 faces in " + store);
    String query = SAMPLES.resolve("queries/person_01.jpg").toString();
    for (String locale : List.of("C", "POSIX", "C.UTF-8", "tr_TR.UTF-8")) {
      Ended found = run(link, locale, "search", query, "--gallery", store, "--quiet");
      assertThat(found.status()).as(found.err()).isZero();
      assertThat(found.err()).isEmpty();
      assertThat(found.out()).contains("SAME", "Jürgen Groß", "Fotos/Jürgen Groß/ä.jpg#0");
    }
    assertThat(archives()).hasSize(1).doesNotContainAnyElementsOf(first);
    Ended demo = run(link, "C", "demo", "--out", temporary.resolve("demo").toString());
    assertThat(demo.out()).contains("32 of 32 photos found their own person first");
    assertThat(demo.status()).as(demo.err()).isZero();
  }

  @Test
  void whatItHas() throws Exception {
    assertThat(app.resolve("LICENSE")).isNotEmptyFile();
    assertThat(app.resolve("NOTICE")).isNotEmptyFile();
    assertThat(app.resolve("bin/facesearch.bat")).content().contains("\r\n");
    assertThat(app.resolve("share/man/man1/facesearch-search.1")).content().contains(".SH OPTIONS");
    Path completion = app.resolve("share/bash-completion/completions/facesearch");
    Process bash =
        new ProcessBuilder(
                "bash",
                "-c",
                ". '"
                    + completion
                    + "'; COMP_WORDS=(facesearch people re); COMP_CWORD=2;"
                    + " _complete_facesearch; echo \"${COMPREPLY[@]}\"")
            .redirectErrorStream(true)
            .start();
    assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip())
        .isEqualTo("rename");
    try (Stream<Path> all = Files.walk(app)) {
      long bytes = all.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
      assertThat(bytes).isLessThan(160_000_000);
    }
    assertThat(Files.readString(app.resolve("README.md"))).contains("docs/SERVER.md");
    assertThat(app.resolve("docs/SERVER.md")).isNotEmptyFile();
    assertThat(app.resolve("docs/command-line.schema.json")).isNotEmptyFile();
    // Nothing that only the build knows.
    assertThat(Files.readString(app.resolve("cds/classes.lst"))).doesNotContain("/target/");
  }

  /** Also where it may write nothing, and where there is no Java. */
  @Test
  void whatIsMissingIsSaid() throws Exception {
    Files.delete(app.resolve("cds/classes.lst"));
    Ended plain = run(app.resolve("bin/facesearch"), "C", "--version");
    assertThat(plain.status()).as(plain.err()).isZero();
    assertThat(plain.out()).startsWith("facesearch ").doesNotContain("not packaged");
    ProcessBuilder none = new ProcessBuilder(app.resolve("bin/facesearch").toString(), "--version");
    none.environment().put("JAVA_HOME", temporary.toString());
    Process process = none.redirectErrorStream(true).start();
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains("no Java is found");
    assertThat(process.waitFor()).isEqualTo(1);
    Ended haar =
        run(
            app.resolve("bin/facesearch"),
            "C",
            "evaluate",
            "retrieval",
            "--haar",
            "--photos",
            SAMPLES.resolve("gallery").toString());
    assertThat(haar.status()).isEqualTo(1);
    assertThat(haar.err()).contains("haar", "facesearch-opencv").doesNotContain("\tat ");
  }
}
