package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.store.FaceStore;
import java.io.BufferedReader;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What reaches whom, in processes of their own: pipes that close, disks that are full, terminals.
 */
@Timeout(300)
@EnabledOnOs(OS.LINUX)
class OutputTest {
  private static final Path SAMPLES =
      Path.of("src/main/resources/io/facesearch/cli/samples").toAbsolutePath();

  /** More than a pipe holds. */
  private static final int FACES = 20_000;

  @TempDir private Path folder;

  private Path store() throws Exception {
    Path store = folder.resolve("faces");
    try (FaceStore open = FaceStore.open(store)) {
      List<EmbeddedFace> faces = new ArrayList<>();
      for (int i = 0; i < FACES; i++) {
        faces.add(
            new EmbeddedFace(
                new FaceRecord(
                    "photos/of/somebody/number/" + i + ".jpg#0", "person " + i, null, null),
                Embedding.of("m", i, 1)));
      }
      open.addAll(faces);
    }
    return store;
  }

  private ProcessBuilder child(Object... args) throws Exception {
    String[] words = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      words[i] = args[i].toString();
    }
    return Commands.child(folder, FaceSearchCommand.class.getName(), words);
  }

  private record Ended(int status, String out, String err) {}

  private static Ended end(Process process) throws Exception {
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
    return new Ended(process.exitValue(), out, err);
  }

  @Test
  void aReaderThatGoesEndsTheCommandWithAMessage() throws Exception {
    Path store = store();
    for (Object[] command :
        new Object[][] {
          {"list", "--gallery", store},
          {"list", "--gallery", store, "--json"},
          {"export", "-", "--gallery", store}
        }) {
      Process process = child(command).start();
      try (BufferedReader out = process.inputReader()) {
        assertThat(out.readLine()).contains("0.jpg#0");
      }
      String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(err).isEqualTo(141);
      assertThat(err.lines())
          .containsExactly(
              "facesearch: stopped, as nobody reads what is printed any more (broken pipe)");
    }
    assertThat(end(child("people", "list", "--gallery", store).start()).status())
        .as("the gallery was closed")
        .isZero();
  }

  @Test
  void aFullDiskEndsTheCommandWithAMessage() throws Exception {
    File full = new File("/dev/full");
    Path photo = SAMPLES.resolve("queries/person_01.jpg");
    for (Object[] command :
        new Object[][] {
          {"--help"},
          {"search", "--help"},
          {"detect", photo},
          {"detect", photo, "--json"},
          {"info", "-q"},
          {"help", "index"}
        }) {
      Ended ended = end(child(command).redirectOutput(full).start());
      assertThat(ended.status()).as(ended.err()).isEqualTo(1);
      assertThat(ended.err().lines())
          .hasSize(1)
          .allMatch(line -> line.startsWith("facesearch: stopped") && line.contains("No space"));
    }
  }

  @Test
  void dataAndTalkAreApart() throws Exception {
    Path store = folder.resolve("few");
    Path photos = SAMPLES.resolve("gallery/person_01");
    Ended indexed = end(child("index", "--photos", photos, "--gallery", store, "--json").start());
    assertThat(indexed.status()).as(indexed.err()).isZero();
    assertThat(JsonLines.of(indexed.out())).hasSize(1);
    Path query = SAMPLES.resolve("queries/person_01.jpg");
    Ended loud = end(child("search", query, "--gallery", store).start());
    Ended quiet = end(child("search", query, "--gallery", store, "--quiet").start());
    assertThat(loud.out()).isEqualTo(quiet.out()).hasLineCount(5);
    assertThat(loud.err()).contains("A face gets a name (SAME)");
    assertThat(quiet.err()).isEmpty();
    Ended none = end(child("search", folder.resolve("none.jpg"), "-q", "--json").start());
    assertThat(JsonLines.of(none.out(), "problem")).hasSize(1);
    assertThat(none.err()).as("what failed is always said").contains("none.jpg");
  }

  /** In a terminal that util-linux's script makes. */
  @Test
  void barsAndColorsAreForTerminals() throws Exception {
    Path script = Path.of("/usr/bin/script");
    assumeTrue(Files.isExecutable(script), "needs script of util-linux");
    Path photos = SAMPLES.resolve("gallery");
    for (boolean colors : new boolean[] {true, false}) {
      Path store = folder.resolve("store" + colors);
      ProcessBuilder plain = child("index", "--photos", photos, "--gallery", store);
      String command = "'" + String.join("' '", plain.command()) + "'";
      ProcessBuilder terminal = new ProcessBuilder(script.toString(), "-qec", command, "/dev/null");
      terminal.environment().putAll(plain.environment());
      terminal.environment().put("TERM", "xterm");
      terminal.environment().remove("NO_COLOR");
      if (!colors) {
        terminal.environment().put("NO_COLOR", "1");
      }
      terminal.redirectInput(new File("/dev/null"));
      Ended ended = end(terminal.start());
      assertThat(ended.status()).as(ended.out()).isZero();
      assertThat(ended.out()).contains("Indexing").contains("128 faces in");
      assertThat(ended.out().contains("\u001B[3")).as(ended.out()).isEqualTo(colors);
    }
    Ended piped =
        end(child("index", "--photos", photos, "--gallery", folder.resolve("piped")).start());
    assertThat(piped.out() + piped.err()).doesNotContain("\u001B", "\r", "%");
  }
}
