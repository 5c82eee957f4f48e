package io.facesearch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code guard.sh} makes of ratios: commands in front of the PATH stand for Maven, which would
 * take minutes, and for Java, which would measure.
 */
@EnabledOnOs(OS.LINUX)
class GuardScriptTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  @TempDir private Path folder;

  @Test
  void aRatioThatRoseByMoreThan15PercentIsSlower() throws Exception {
    assumeThat(ROOT.resolve(".git")).as("the history that commits are taken from").exists();
    command("mvn", "exit 0");
    // The class path tells which of the two commits is measured.
    command(
        "java",
        "case \"$*\" in */before/*) echo 'same .2000'; echo 'search .1000';;"
            + " *) echo 'same .2200'; echo 'search .1160';; esac");

    Result slower = guard("HEAD", "HEAD");
    assertThat(slower.out)
        .containsPattern("same +0\\.2000 -> +0\\.2200 +\\+10\\.0 %\n")
        .containsPattern("search +0\\.1000 -> +0\\.1160 +\\+16\\.0 % +slower by more than 15 %");
    assertThat(slower.status).isEqualTo(1);

    command("java", "echo 'same .2000'");
    Result same = guard("HEAD");
    assertThat(same.out).contains("same").doesNotContain("slower");
    assertThat(same.status).isZero();

    command("java", "echo 'it broke' >&2; exit 1");
    Result failed = guard("HEAD");
    assertThat(failed.out).contains("it broke");
    assertThat(failed.status).isEqualTo(2);
  }

  @Test
  void figuresOfAnotherProcessorAreNotCompared() throws Exception {
    assumeThat(ROOT.resolve(".git")).as("the history that files are listed from").exists();
    command("mvn", "exit 0");
    command("java", "echo 'search .2000'");
    Files.writeString(kept(), "# a comment\nanother processor;search .1000\n");
    Result unknown = guard("--baseline");
    assertThat(unknown.out).contains("no figures of this processor");
    assertThat(unknown.status).isEqualTo(2);

    String toAdd =
        unknown
            .out
            .lines()
            .filter(line -> line.endsWith(";search .2000"))
            .findFirst()
            .orElseThrow();
    assertThat(toAdd).as("a processor").doesNotStartWith(";");
    // Those of a processor whose name ends like this one's are of another.
    Files.writeString(kept(), "Other " + toAdd.replace(".2000", ".1000") + "\n" + toAdd + "\n");
    Result same = guard("--baseline");
    assertThat(same.out).containsPattern("search +0\\.2000 -> +0\\.2000").doesNotContain("0.1000");
    assertThat(same.status).isZero();

    command("java", "echo 'another .2000'");
    Result lost = guard("--baseline");
    assertThat(lost.out).contains("search").contains("another").contains("one side only");
    assertThat(lost.status).isEqualTo(2);
  }

  private Path kept() {
    return folder.resolve("kept.txt");
  }

  private Result guard(String... commits) throws IOException, InterruptedException {
    List<String> call = new ArrayList<>(List.of("bash", "benchmarks/guard.sh"));
    call.addAll(List.of(commits));
    ProcessBuilder builder =
        new ProcessBuilder(call).directory(ROOT.toFile()).redirectErrorStream(true);
    builder.environment().put("PATH", folder + ":" + System.getenv("PATH"));
    builder.environment().put("RUNS", "3");
    builder.environment().put("KEPT", kept().toString());
    Process process = builder.start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), out);
  }

  private void command(String name, String script) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "#!/bin/bash\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private record Result(int status, String out) {}
}
