package io.facesearch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What {@code release.sh} does before, between and after the builds, which take minutes. */
@EnabledOnOs(OS.LINUX)
class ReleaseScriptTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  @TempDir private Path temp;
  private Path copy;

  /** The script and the files it writes to, in no checkout, in a folder with a space. */
  @BeforeEach
  void copy() throws IOException {
    copy = Files.createDirectory(temp.resolve("a copy"));
    try (Stream<Path> files = Files.walk(ROOT, 3)) {
      for (Path file : files.toList()) {
        String name = ROOT.relativize(file).toString();
        if (name.matches(
            "release\\.sh|[A-Z]+\\.md|docs/[A-Z-]+\\.md|pom\\.xml|examples/[^/]+/pom\\.xml")) {
          Path to = copy.resolve(name);
          Files.createDirectories(to.getParent());
          Files.copy(file, to);
        }
      }
    }
    Files.createDirectories(copy.resolve("release/consumer"));
  }

  @Test
  void aVersionIsSetWhereverItIsQuoted() throws Exception {
    String old = revision();
    assertThat(release("--set", "91.2.3").status).isZero();
    assertThat(revision()).isEqualTo("91.2.3");
    int quotes = 0;
    try (Stream<Path> files = Files.walk(copy)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = Files.readString(file);
        if (!file.endsWith("CHANGELOG.md") && old.endsWith("-SNAPSHOT")) {
          assertThat(text).as("%s", file).doesNotContain(old);
        }
        quotes += text.contains("91.2.3") ? 1 : 0;
      }
    }
    assertThat(quotes).as("pom, README, PLATFORMS and examples").isGreaterThan(12);
  }

  @Test
  void whatIsMissingOrWrongIsTold() throws Exception {
    String pom = Files.readString(copy.resolve("pom.xml"));
    Result usage = release();
    assertThat(usage.out).contains("--dry-run").doesNotContain("fatal");
    assertThat(usage.status).isEqualTo(2);
    for (String version : List.of("", "0.1", "1.0.0|e", "0.1.0 ")) {
      assertThat(release("--set", version).out).contains("'" + version + "' is no version");
    }
    assertThat(release("--set").out).contains("'' is no version").doesNotContain("unbound");
    assertThat(copy.resolve("pom.xml")).hasContent(pom);
    assertThat(release("--dry-run").out).contains("no checkout");
    assertThat(release("--consume").out).contains("is no JDK: it has no bin/jlink");
  }

  /** A consumer that indexes nothing is a failure in each of its three runs, also in the first. */
  @Test
  void aConsumerThatFindsNothingIsAFailure() throws Exception {
    command("bin/mvn", "exit 0");
    command("bin/java", "echo 'why it found nothing' >&2; echo ': person_03'");
    command("bin/jlink", "exit 0");
    command("bin/jdeps", "exit 0");
    Result nothing = release("--consume");
    assertThat(nothing.out).contains("class-path.txt").doesNotContain("module path");
    assertThat(nothing.status).isEqualTo(1);
    command("bin/java", "echo 'why it broke' >&2; exit 1");
    Result broken = release("--consume");
    assertThat(broken.out).contains("why it broke");
    assertThat(broken.status).isEqualTo(1);
  }

  private Result release(String... arguments) throws IOException, InterruptedException {
    List<String> call = new ArrayList<>(List.of("bash", copy.resolve("release.sh").toString()));
    call.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(call).directory(temp.toFile()).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.remove("JDKS");
    environment.put("JAVA_HOME", copy.toString());
    environment.put("GIT_CEILING_DIRECTORIES", temp.toString());
    environment.put("PATH", copy.resolve("bin") + ":" + System.getenv("PATH"));
    Process process = builder.start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), out);
  }

  private void command(String name, String script) throws IOException {
    Path file = copy.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/bash\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private record Result(int status, String out) {}

  private String revision() throws IOException {
    return Files.readString(copy.resolve("pom.xml"))
        .replaceFirst("(?s).*<revision>([^<]*)</revision>.*", "$1");
  }
}
