package io.facesearch.cli;

import static io.facesearch.cli.Run.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.Photo;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.store.FaceStore;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Names of files and people that are orders to a terminal, through every command. */
@Tag("slow")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no such names of files")
class HostileNamesTest {
  private static final Path SAMPLES =
      Path.of("src/main/resources/io/facesearch/cli/samples").toAbsolutePath();

  /** Of files: ASCII, so that every locale has it. */
  private static final String FILE = "x\u001B[2J\u001B]0;title\u0007\r\nFORGED line\t\u007F";

  /** Of people, whom an index names in any characters. */
  private static final String PERSON = "Ann\u001B[31m\u009B32m\u202Enna\u2066\u0085\nFORGED line";

  @TempDir private Path temporary;

  private static void harmless(Run run, int status) {
    assertThat(run.status()).as(run.text()).isEqualTo(status);
    harmless(run.text());
  }

  private static void harmless(String text) {
    assertThat(text.lines()).noneMatch(line -> line.startsWith("FORGED"));
    assertThat(text)
        .doesNotContainPattern("[\\x00-\\x09\\x0B-\\x1F\\x7F-\\x9F]")
        .doesNotContainPattern("[\\u061C\\u200E\\u200F\\u2028-\\u202E\\u2066-\\u2069]");
  }

  private Path hostileFolder() throws Exception {
    Path photos = Files.createDirectories(temporary.resolve(FILE).resolve("photos"));
    for (int p = 1; p <= 2; p++) {
      Path person = Files.createDirectory(photos.resolve(FILE + p));
      for (int i = 1; i <= 2; i++) {
        Files.copy(
            SAMPLES.resolve("gallery/person_0" + p + "/photo_" + i + ".jpg"),
            person.resolve(FILE + i + ".jpg"));
      }
    }
    Files.writeString(photos.resolve(FILE + ".jpg"), "no photo");
    return photos;
  }

  private Path hostileSnapshot() throws Exception {
    Path file = temporary.resolve(FILE + ".fsx");
    try (SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
        Gallery faces = Gallery.inMemory()) {
      EmbeddedFace ann =
          faces.add(Photo.of(SAMPLES.resolve("queries/person_01.jpg")).named("a")).get(0);
      index.add(
          new EmbeddedFace(new FaceRecord("id " + PERSON, PERSON, PERSON, null), ann.embedding()));
      index.save(file);
    }
    return file;
  }

  @Test
  void galleriesOfHostileNames() throws Exception {
    Path photos = hostileFolder();
    Path store = temporary.resolve(FILE + "store");
    Path photo = SAMPLES.resolve("queries/person_01.jpg");
    Run indexed = run("index", "--photos", photos, "--gallery", store);
    harmless(indexed, 0);
    assertThat(indexed.text()).contains("faces 4", "broken");
    harmless(run("search", photo, "--gallery", store), 0);
    harmless(run("info", "--gallery", store), 0);
    Path sorted = temporary.resolve(FILE + "sorted");
    for (Object[] command :
        new Object[][] {
          {"identify", photo, "--gallery", store},
          {"list", "--gallery", store},
          {"people", "list", "--nameless", "--gallery", store},
          {"detect", photos.resolve(FILE + "1").resolve(FILE + "1.jpg"), "--chips", sorted},
          {"export", temporary.resolve(FILE + ".csv"), "--gallery", store},
          {"backup", temporary.resolve(FILE + "copy"), "--gallery", store},
          {"doctor", "--gallery", store}
        }) {
      harmless(run(command), 0);
      Object[] json = java.util.Arrays.copyOf(command, command.length + 1);
      json[command.length] = "--json";
      Run again = run(json);
      harmless(again.text());
      if (!command[0].equals("export") && !command[0].equals("backup")) {
        assertThat(JsonLines.of(again.out())).isNotEmpty();
      }
    }
    harmless(run("sort", photos, "--into", sorted, "--gallery", store, "--json"), 1); // broken
    harmless(run("people", "rename", "nobody" + PERSON, PERSON, "--gallery", store), 1);

    Path snapshot = hostileSnapshot();
    Path taken = temporary.resolve("taken");
    harmless(run("import", snapshot, "--gallery", taken), 0);
    Run found = run("search", photo, "--gallery", taken);
    harmless(found, 0);
    assertThat(found.text()).contains(TerminalWriter.visible(PERSON));
    harmless(run("search", photo, "--gallery", snapshot), 0);
    harmless(run("forget", "nobody" + PERSON, "--gallery", taken), 3);
    harmless(run("forget", TerminalWriter.visible(PERSON), "--gallery", taken), 0);
    String person;
    try (FaceStore open = FaceStore.open(store)) {
      person = open.faces().get(0).face().person().orElseThrow();
    }
    harmless(run("forget", TerminalWriter.visible(person), "--gallery", store), 0);
    // What is refused names what was given.
    harmless(run("forget", "Ann", "--gallery", snapshot), 1);
    harmless(run("index", "--photos", photos, "--gallery", snapshot), 1);
    harmless(run("info", "--gallery", store, "--key-file", temporary.resolve(FILE + "key")), 1);
    harmless(run("info", "--gallery", temporary.resolve(FILE + "none")), 1);
    try (FaceStore open = FaceStore.open(store)) {
      assertThat(open.size()).isEqualTo(2);
      harmless(run("search", photo, "--gallery", store), 1);
    }
  }

  @Test
  void otherCommandsAndErrors() throws Exception {
    Path photos = hostileFolder();
    Path broken = photos.resolve(FILE + ".jpg");
    Path cache = temporary.resolve(FILE + "cache");
    harmless(run("search", broken), 1);
    harmless(run("verify", broken, broken), 1);
    harmless(run("verify", temporary.resolve(FILE), temporary.resolve("none" + FILE)), 1);
    harmless(run("info", "--model", broken), 1);
    harmless(run("info", "--device", FILE), 1);
    harmless(run("index", "--photos", FILE, FILE, "--" + FILE), 2);
    harmless(run(FILE), 2);
    harmless(run("search", broken, "-k", FILE), 2);
    harmless(run("demo", "--out", broken), 1);
    harmless(run("serve", "--photos", broken, "--port", 0), 1);
    harmless(run("serve", "--host", FILE, "--token", FILE, "--port", 0), 2);
    harmless(run("import", photos), 1);
    Path report = temporary.resolve(FILE + "report");
    Run evaluated =
        run(
            "evaluate",
            "retrieval",
            "--photos",
            photos,
            "--test-share",
            1,
            "--cache",
            cache,
            "--out",
            report);
    harmless(evaluated.text());
    harmless(run("evaluate", "calibrate", "--photos", photos, "--cache", cache), 1);
    harmless(run("evaluate", "verification", broken, "--photos", photos, "--cache", cache), 1);
    harmless(run("evaluate", "retrieval", "--photos", photos, "--cache", broken), 1);
    Object[][] trainings = {
      {
        "train",
        "distill",
        "--photos",
        photos,
        "--chips",
        broken,
        "--out",
        temporary.resolve(FILE + "model")
      },
      {
        "train",
        "triplet",
        "--photos",
        photos,
        "--chips",
        broken,
        "--start",
        broken,
        "--out",
        broken
      }
    };
    for (Object[] training : trainings) {
      Run failed = run(training);
      assertThat(failed.status()).as(failed.text()).isNotZero();
      harmless(failed.text());
    }
  }

  @Test
  void servingAHostileGallery() throws Exception {
    Path snapshot = hostileSnapshot();
    Path gallery = hostileFolder();
    Process process =
        Commands.child(
                temporary,
                FaceSearchCommand.class.getName(),
                "serve",
                "--port",
                "0",
                "--gallery",
                snapshot.toString(),
                "--photos",
                gallery.toString())
            .redirectErrorStream(true)
            .start();
    List<String> lines = new ArrayList<>();
    try {
      BufferedReader out = process.inputReader();
      while (lines.stream().noneMatch(line -> line.contains("read-only"))) {
        String line = out.readLine();
        assertThat(line).as(lines.toString()).isNotNull();
        lines.add(line);
      }
    } finally {
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
    harmless(String.join("\n", lines));
  }
}
