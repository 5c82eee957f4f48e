package io.facesearch.cli;

import static io.facesearch.cli.Run.run;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.TagValue;
import io.facesearch.store.FaceStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that keep a gallery, without looking at photos: a model of no file is no hindrance. */
class KeepingCommandsTest {
  @TempDir private Path folder;
  private Path store;

  private static EmbeddedFace face(String id, String person, float x, float y) {
    return new EmbeddedFace(
        new FaceRecord(
            id,
            person,
            "photos/" + id,
            null,
            Map.of("year", TagValue.of(2026), "camera", TagValue.of("Z, \"9\""))),
        Embedding.of("m", x, y));
  }

  @BeforeEach
  void fill() throws Exception {
    store = folder.resolve("faces");
    try (FaceStore open = FaceStore.open(store)) {
      open.addAll(
          List.of(
              face("a", "Ann", 1, 0.01f),
              face("b", "Ann", 1, 0.02f),
              face("c", "Bob", 0, 1),
              face("d", null, -1, 0.01f),
              face("e", null, -1, 0)));
    }
  }

  private List<JsonObject> people(Object... more) {
    Object[] args = new Object[5 + more.length];
    System.arraycopy(new Object[] {"people", "list", "--gallery", store, "--json"}, 0, args, 0, 5);
    System.arraycopy(more, 0, args, 5, more.length);
    return JsonLines.of(run(args).out(), "person");
  }

  private String names() {
    StringBuilder names = new StringBuilder();
    for (JsonObject person : people()) {
      names.append(person.get("name").getAsString()).append(person.get("faces")).append(' ');
    }
    return names.toString().strip();
  }

  private List<String> faces() {
    return run("list", "--gallery", store, "-q").text().lines().sorted().toList();
  }

  private Run ok(Object... args) {
    Run run = run(args);
    assertThat(run.status()).as(run.text()).isZero();
    return run;
  }

  @Test
  void peopleAreListedRenamedMergedAndSplit() throws Exception {
    assertThat(names()).isEqualTo("Ann2 Bob1");
    List<JsonObject> groups =
        people("--nameless").stream().filter(one -> one.get("name").isJsonNull()).toList();
    assertThat(groups).hasSize(1);
    String group = groups.get(0).get("id").getAsString();
    assertThat(groups.get(0).get("faces").getAsInt()).isEqualTo(2);

    Run taken = run("people", "rename", "Ann", "Bob", "--gallery", store);
    assertThat(taken.status()).isEqualTo(1);
    assertThat(taken.text()).contains("people merge");
    ok("people", "rename", "Ann", "Ann Smith", "--gallery", store);
    assertThat(names()).isEqualTo("Ann Smith2 Bob1");
    ok("people", "rename", group, "Eve", "--gallery", store);
    assertThat(names()).isEqualTo("Ann Smith2 Bob1 Eve2");
    ok("people", "merge", "Eve", "Bob", "--gallery", store);
    assertThat(names()).isEqualTo("Ann Smith2 Bob3");
    Run wrong = run("people", "split", "Bob", "a", "--as", "Eve", "--gallery", store);
    assertThat(wrong.status()).isEqualTo(1);
    assertThat(wrong.text()).contains("not a face of Bob", "nothing was changed");
    assertThat(names()).isEqualTo("Ann Smith2 Bob3");
    JsonObject split =
        JsonLines.of(
                ok("people", "split", "Bob", "d", "e", "--as", "Eve", "--gallery", store, "--json")
                    .out())
            .get(0);
    assertThat(split.get("faces").getAsInt()).isEqualTo(2);
    assertThat(names()).isEqualTo("Ann Smith2 Bob1 Eve2");
    ok("people", "split", "Eve", "e", "--gallery", store);
    assertThat(names()).isEqualTo("Ann Smith2 Bob1 Eve1");
    for (Object[] nobody :
        new Object[][] {
          {"people", "rename", "Nobody", "X", "--gallery", store},
          {"people", "merge", "Nobody", "Bob", "--gallery", store},
          {"people", "merge", "Bob", "Nobody", "--gallery", store},
          {"people", "merge", "Bob", "Bob", "--gallery", store},
          {"people", "split", "Nobody", "a", "--gallery", store}
        }) {
      assertThat(run(nobody).status()).isEqualTo(1);
    }
    assertThat(run("people", "rename", "Bob", "", "--gallery", store).status()).isEqualTo(2);
    assertThat(names()).isEqualTo("Ann Smith2 Bob1 Eve1");
  }

  /** Each change tells what takes it back, and that does. */
  @Test
  void changesAreTakenBackByWhatTheySay() throws Exception {
    String group = people("--nameless").get(2).get("id").getAsString();
    for (Object[] change :
        new Object[][] {
          {"people", "rename", "Ann", "Zoë \"O'Neil\" <b>", "--gallery", store},
          {"people", "merge", "Ann", "Bob", "--gallery", store},
          {"people", "merge", "Bob", "Ann", "--gallery", store},
          {"people", "split", "Ann", "a", "--as", "Bob", "--gallery", store},
          {"people", "rename", group, "Eve", "--gallery", store},
          {"people", "merge", group, "Ann", "--gallery", store}
        }) {
      String before = names() + faces();
      Run done = ok(change);
      assertThat(names()).isNotEqualTo(before);
      Matcher back =
          Pattern.compile("(?m)^to take that back: facesearch (.*)$").matcher(done.text());
      assertThat(back.find()).as(done.text()).isTrue();
      ok((Object[]) HelpTest.words(back.group(1)).toArray(String[]::new));
      assertThat(names() + faces()).isEqualTo(before);
    }
  }

  @Test
  void aNameIsTakenAway() {
    Run done = ok("people", "unname", "Ann", "--gallery", store, "--json");
    assertThat(JsonLines.of(done.out(), "changed").get(0).get("moved").toString())
        .isEqualTo("[\"a\",\"b\"]");
    assertThat(names()).isEqualTo("Bob1");
    assertThat(run("people", "unname", "Ann", "--gallery", store).status()).isEqualTo(1);
  }

  @Test
  void aNewNameIsOneLineOfText() throws Exception {
    for (Object[] odd :
        new Object[][] {
          {"people", "rename", "Ann", "An\u0000n", "--gallery", store},
          {"people", "rename", "Ann", "An\nn", "--gallery", store},
          {"people", "split", "Ann", "a", "--as", "An\u001bn", "--gallery", store}
        }) {
      Run run = run(odd);
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.text()).contains("must be one line of text", "character 3 of 4 is U+00");
    }
    assertThat(names()).isEqualTo("Ann2 Bob1");
  }

  @Test
  void facesAreListed() {
    assertThat(ok("list", "--gallery", store).lines()).hasSize(5);
    assertThat(ok("list", "--gallery", store, "--person", "Ann", "-q").text().lines()).hasSize(2);
    assertThat(ok("list", "--gallery", store, "--nameless").lines()).hasSize(2);
    assertThat(run("list", "--gallery", store, "--person", "Nobody").status()).isEqualTo(3);
    assertThat(run("list", "--gallery", folder.resolve("none")).status()).isEqualTo(1);
  }

  @Test
  void theTableBesideVectorsIsNoFileOfVectors() {
    Path matrix = folder.resolve("vectors.npy");
    ok("export", matrix, "--gallery", store);
    Path table = folder.resolve("vectors.csv");
    Run run = run("import", table, "--gallery", folder.resolve("other"));
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.text())
        .contains(table + ", line 2: there must be columns with the numbers of a vector")
        .contains("the vectors of these faces are in " + matrix + ": name that");
  }

  @Test
  void whatIsExportedIsImported() throws Exception {
    for (String name : List.of("out.jsonl", "out2.csv", "out3.npy")) {
      Path file = folder.resolve(name);
      ok("export", file, "--gallery", store);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      Run again = run("export", file, "--gallery", store);
      assertThat(again.status()).isEqualTo(1);
      assertThat(again.text()).contains("--overwrite");
      ok("export", file, "--gallery", store, "--overwrite");
      java.util.List<EmbeddedFace> read = new java.util.ArrayList<>();
      io.facesearch.store.VectorFile.read(file, "m", read::add);
      try (Gallery gallery = Gallery.builder().folder(store).withoutModel().open()) {
        List<EmbeddedFace> faces = gallery.faces();
        assertThat(read).hasSameSizeAs(faces);
        for (int i = 0; i < faces.size(); i++) {
          assertThat(read.get(i).face().id()).isEqualTo(faces.get(i).face().id());
          assertThat(read.get(i).face().person()).isEqualTo(faces.get(i).face().person());
          assertThat(read.get(i).face().tags()).isEqualTo(faces.get(i).face().tags());
          assertThat(read.get(i).embedding()).isEqualTo(faces.get(i).embedding());
        }
      }
    }
    assertThat(ok("export", "-", "--gallery", store, "--person", "Ann").lines())
        .hasSize(2)
        .allMatch(line -> line.startsWith("{\"id\":\""));
    assertThat(run("export", folder.resolve("x.parquet"), "--gallery", store).status())
        .isEqualTo(2);
    Path lost = folder.resolve("nowhere/x.csv");
    assertThat(run("export", lost, "--gallery", store).status()).isEqualTo(1);
  }

  @Test
  void aBackupIsAGallery() throws Exception {
    Path copy = folder.resolve("copy");
    Run done = ok("backup", copy, "--gallery", store, "--json", "-q");
    assertThat(JsonLines.of(done.text()).get(0).get("faces").getAsInt()).isEqualTo(5);
    assertThat(ok("list", "--gallery", copy).lines()).hasSize(5);
    assertThat(run("backup", copy, "--gallery", store).status()).isEqualTo(1);
    assertThat(ok("forget", "Ann", "--gallery", store, "--json").out()).contains("stateHash");
    assertThat(ok("list", "--gallery", copy).lines()).hasSize(5);
  }

  @Test
  void oneThingIsCountedAsOne() {
    assertThat(Output.counted(1, "core")).isEqualTo("1 core");
    assertThat(Output.counted(2, "core")).isEqualTo("2 cores");
    assertThat(ok("people", "rename", "Bob", "Bo", "--gallery", store).out())
        .isEqualToIgnoringNewLines("renamed: Bo, 1 face");
  }

  /** What is pasted into a report tells nothing of anybody, whatever is wrong. */
  @Test
  void theDoctorTellsNoPathAndNoName() throws Exception {
    Run fine = run("doctor", "--gallery", store);
    assertThat(fine.status()).as(fine.text()).isZero();
    assertThat(fine.out()).contains("5 faces", "2 names", "a store in order", "sample faces apart");
    byte[] bytes = Files.readAllBytes(store.resolve("faces.db"));
    for (int i = 4096; i < bytes.length; i += 7) {
      bytes[i] ^= 0x55;
    }
    Files.write(store.resolve("faces.db"), bytes);
    Run damaged = run("doctor", "--gallery", store, "--json");
    assertThat(damaged.status()).isEqualTo(1);
    assertThat(JsonLines.of(damaged.out()).get(0).get("ok").getAsBoolean()).isFalse();
    for (Run run : List.of(fine, damaged, run("doctor", "--gallery", folder.resolve("Ann")))) {
      assertThat(run.text())
          .doesNotContain("Ann", "Bob", folder.toString(), folder.getFileName().toString())
          .doesNotContain(System.getProperty("user.name") + "/", System.getProperty("user.dir"))
          .doesNotContain(System.getProperty("java.io.tmpdir"));
    }
  }
}
