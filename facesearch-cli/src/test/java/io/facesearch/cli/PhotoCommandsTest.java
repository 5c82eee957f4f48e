package io.facesearch.cli;

import static io.facesearch.cli.Run.run;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.facesearch.Gallery;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Commands that look at photos: several at once, from standard input, as text and as JSON. */
class PhotoCommandsTest {
  private static final Path SAMPLES =
      Path.of("src/main/resources/io/facesearch/cli/samples").toAbsolutePath();

  @TempDir private Path folder;

  private static Path query(int person) {
    return SAMPLES.resolve(String.format("queries/person_%02d.jpg", person));
  }

  /** Four people with all their photos. */
  private Path gallery() throws Exception {
    Path store = folder.resolve("faces");
    Path photos = folder.resolve("photos");
    for (int person = 1; person <= 4; person++) {
      String name = String.format("person_%02d", person);
      Path to = Files.createDirectories(photos.resolve(name));
      for (int photo = 1; photo <= 4; photo++) {
        Path file = Path.of(name, "photo_" + photo + ".jpg");
        Files.copy(SAMPLES.resolve("gallery").resolve(file), to.resolve(file.getFileName()));
      }
    }
    Run indexed = run("index", "--photos", photos, "--gallery", store, "--json", "-q");
    assertThat(indexed.status()).as(indexed.text()).isZero();
    JsonObject report = JsonLines.of(indexed.text()).get(0);
    assertThat(report.get("type").getAsString()).isEqualTo("indexed");
    assertThat(report.get("galleryFaces").getAsInt()).isEqualTo(16);
    return store;
  }

  private Path group(int... people) throws Exception {
    BufferedImage group = new BufferedImage(200 * people.length, 200, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = group.createGraphics();
    for (int i = 0; i < people.length; i++) {
      g.drawImage(ImageIO.read(query(people[i]).toFile()), 200 * i, 0, 200, 200, null);
    }
    g.dispose();
    Path file = folder.resolve("group" + Arrays.toString(people).replaceAll("\\D+", "-") + ".png");
    ImageIO.write(group, "png", file.toFile());
    return file;
  }

  private static Run withInput(byte[] bytes, Object... args) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(bytes));
    try {
      return run(args);
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void everyFaceOfEveryPhotoIsIdentified() throws Exception {
    Path store = gallery();
    Path group = group(1, 2, 20);
    Run text = run("identify", group, query(3), "--gallery", store);
    assertThat(text.status()).as(text.text()).isZero();
    assertThat(text.lines()).hasSize(4);
    assertThat(text.out()).contains("person_01", "person_02", "nobody", "person_03");
    assertThat(text.out()).doesNotContain("SAME:");
    assertThat(text.text()).contains("A face gets a name (SAME)");

    Run json = run("identify", group, query(3), "--gallery", store, "--json", "--quiet");
    assertThat(json.text()).isEqualTo(json.out());
    List<JsonObject> faces = JsonLines.of(json.out(), "identity");
    assertThat(faces).hasSize(4);
    assertThat(faces.stream().filter(face -> face.get("person").isJsonNull())).hasSize(1);
  }

  @Test
  void whatFailsDoesNotStopTheOthers() throws Exception {
    Path store = gallery();
    Path broken = Files.writeString(folder.resolve("broken.jpg"), "no photo");
    Path gray = folder.resolve("gray.png");
    ImageIO.write(new BufferedImage(200, 200, BufferedImage.TYPE_BYTE_GRAY), "png", gray.toFile());
    for (String command : List.of("identify", "search")) {
      Run some =
          run(
              command,
              folder.resolve("none.jpg"),
              broken,
              gray,
              folder,
              query(1),
              "--json",
              "--gallery",
              store);
      assertThat(some.status()).as(some.text()).isEqualTo(1);
      assertThat(JsonLines.of(some.out(), "problem"))
          .extracting(one -> one.get("kind").getAsString())
          .containsExactlyInAnyOrder("broken", "broken", "no-face", "broken");
      assertThat(JsonLines.of(some.out())).hasSize(5);
      assertThat(some.text())
          .contains(
              "facesearch: there is no file or folder " + folder.resolve("none.jpg"),
              "facesearch: no face found in " + gray,
              "is a folder; name photos");
      assertThat(run(command, gray, query(1), "--gallery", store).status())
          .isEqualTo(FaceSearchCommand.NO_FACE);
    }
    assertThat(run("detect", broken).status()).isEqualTo(1);
    assertThat(run("identify", "", "--gallery", store).status()).isEqualTo(2);
    assertThat(run("identify", "-", "-", "--gallery", store).status()).isEqualTo(2);
  }

  @Test
  void patternsAndStandardInput() throws Exception {
    Path store = gallery();
    Path inbox = Files.createDirectories(folder.resolve("in box ä/deeper"));
    Files.copy(query(1), inbox.resolve("a.jpg"));
    Files.copy(query(2), inbox.resolve("[b].jpg"));
    Files.copy(query(3), inbox.getParent().resolve("c.jpg"));
    Files.writeString(inbox.resolve("note.txt"), "no photo");
    Run deep = run("identify", inbox.getParent() + "/**.jpg", "--gallery", store, "-q");
    assertThat(deep.status()).as(deep.text()).isZero();
    assertThat(deep.lines()).hasSize(3);
    assertThat(run("identify", inbox + "/?.jpg", "--gallery", store, "-q").lines()).hasSize(1);
    assertThat(run("identify", inbox + "/[b].jpg", "--gallery", store, "-q").lines())
        .as("a file that is called like a pattern")
        .hasSize(1);
    Run none = run("identify", inbox + "/*.png", "--gallery", store);
    assertThat(none.status()).isEqualTo(1);
    assertThat(none.text()).contains("*.png");
    Run wrong = run("identify", inbox + "/[x.jpg", query(1), "--gallery", store, "-q");
    assertThat(wrong.status()).isEqualTo(1);
    assertThat(wrong.text()).contains("not a pattern");
    assertThat(wrong.lines()).hasSize(1);

    Run input =
        withInput(Files.readAllBytes(query(2)), "search", "-", "--gallery", store, "--json");
    JsonObject found = JsonLines.of(input.out(), "search").get(0);
    assertThat(found.get("person").getAsString()).isEqualTo("person_02");
    assertThat(found.get("photo").getAsString()).isEqualTo("-");
    assertThat(withInput(new byte[0], "search", "-", "--gallery", store).text())
        .contains("standard input");
    assertThat(withInput(Files.readAllBytes(query(1)), "verify", query(1), "-").status()).isZero();
  }

  @Test
  void verifyEndsWithWhatItSays() throws Exception {
    int different =
        IntStream.rangeClosed(2, 32)
            .filter(other -> run("verify", query(1), query(other)).status() == 4)
            .findFirst()
            .orElseThrow();
    Run several = run("verify", query(1), query(1), query(different), "--json");
    assertThat(several.status()).isEqualTo(FaceSearchCommand.DIFFERENT);
    assertThat(JsonLines.of(several.out(), "verification"))
        .extracting(one -> one.get("decision").getAsString())
        .containsExactly("SAME", "DIFFERENT");
    assertThat(run("verify", query(1), query(1)).status()).isZero();
    assertThat(run("verify", query(1)).status()).isEqualTo(2);
  }

  @Test
  void facesAreFoundAndCutOut() throws Exception {
    Path chips = folder.resolve("chips");
    Path group = group(5, 6);
    Run found = run("detect", group, "--chips", chips, "--json", "-q");
    assertThat(found.status()).as(found.text()).isZero();
    List<JsonObject> faces = JsonLines.of(found.out(), "face");
    assertThat(faces).hasSize(2);
    for (JsonObject face : faces) {
      assertThat(face.get("landmarks").getAsJsonArray()).hasSize(5);
      BufferedImage chip = ImageIO.read(Path.of(face.get("chip").getAsString()).toFile());
      assertThat(chip.getWidth()).isEqualTo(112);
    }
    Run again = run("detect", group, "--chips", chips);
    assertThat(again.lines()).allMatch(line -> line.contains("usable") && line.contains("(2).png"));
    try (Stream<Path> files = Files.list(chips)) {
      assertThat(files).hasSize(4);
    }
  }

  @Test
  void photosAreAddedOnceHoweverOftenTheyAreGiven() throws Exception {
    Path store = folder.resolve("new");
    Path one = Files.createDirectories(folder.resolve("one")).resolve("a.jpg");
    Path two = Files.createDirectories(folder.resolve("two")).resolve("a.jpg");
    Files.copy(query(1), one);
    Files.copy(query(2), two);
    Object[] add = {"add", one, two, "--gallery", store, "--tag", "year=2026", "--json"};
    Run added = run(add);
    assertThat(added.status()).as(added.text()).isZero();
    assertThat(JsonLines.of(added.out(), "added"))
        .extracting(face -> face.get("outcome").getAsString())
        .containsExactly("added", "added");
    assertThat(JsonLines.of(run(add).out(), "added"))
        .extracting(face -> face.get("outcome").getAsString())
        .containsExactly("known", "known");
    Run named = run("add", query(3), "--person", "Eve", "--gallery", store);
    assertThat(named.text()).contains("1 faces added", "3 faces in");
    assertThat(run("add", group(4, 5), "--person", "Bob", "--gallery", store).text())
        .contains("2 faces added, none of them as Bob");
    // Whoever is there already keeps the name, and that is said.
    assertThat(run("add", query(3), "--person", "Eve", "--gallery", store).status()).isZero();
    assertThat(run("add", group(4, 5), "--person", "Bob", "--gallery", store).status()).isZero();
    Run other = run("add", query(3), "--person", "Zoe", "--gallery", store, "--json");
    assertThat(other.status()).isEqualTo(1);
    assertThat(other.text())
        .contains("already, as Eve, and stays so", "people split Eve ", "--as Zoe --gallery ");
    // What is to be pasted into a shell has nothing that a shell would do.
    assertThat(
            run("add", query(3), "--person", "O'Brien $(touch hacked)", "--gallery", store).text())
        .contains("--as 'O'\\''Brien $(touch hacked)' --gallery");
    assertThat(
            run("add", query(3), "--tag", "facesearch.client-added=1", "--gallery", store).status())
        .isEqualTo(2);
    assertThat(JsonLines.of(other.out(), "problem").get(0).get("kind").getAsString())
        .isEqualTo("other-name");
    byte[] photo = Files.readAllBytes(query(6));
    assertThat(withInput(photo, "add", "-", "--gallery", store).text()).contains("6 faces in");
    assertThat(withInput(photo, "add", "-", "--gallery", store).text()).contains("already");
    List<JsonObject> listed = JsonLines.of(run("list", "--gallery", store, "--json").out());
    assertThat(listed).hasSize(6);
    assertThat(listed.get(0).getAsJsonObject("tags").get("year").getAsDouble()).isEqualTo(2026);
    assertThat(run("add", query(1), "--gallery", store, "--person", " ").status()).isEqualTo(2);
    Path nowhere = folder.resolve("nowhere");
    assertThat(run("add", folder.resolve("none.jpg"), "--gallery", nowhere).status()).isEqualTo(1);
    assertThat(nowhere).doesNotExist();
    try (Gallery gallery = Gallery.builder().folder(store).withoutModel().open()) {
      assertThat(gallery.names()).hasSize(1);
    }
  }

  @Test
  void aPhotoOfAFolderOfTheGalleryKeepsItsNameThere() throws Exception {
    Path store = gallery();
    Path photo = folder.resolve("photos/person_02/new.jpg");
    Files.copy(query(2), photo);
    assertThat(run("add", photo, "--person", "person_02", "--gallery", store).status()).isZero();
    assertThat(run("index", "--photos", folder.resolve("photos"), "--gallery", store).text())
        .contains("indexed before 17");
    assertThat(run("list", "--person", "person_02", "--gallery", store).out())
        .contains("photos/person_02/new.jpg#0");
  }

  @Test
  void photosAreSortedByPerson() throws Exception {
    Path store = gallery();
    Path photos = Files.createDirectories(folder.resolve("unsorted/sub"));
    Files.copy(query(1), photos.resolve("a.jpg"));
    Files.copy(query(1), photos.getParent().resolve("a.jpg"));
    Files.copy(query(20), photos.resolve("stranger.jpg"));
    Files.copy(group(2, 3), photos.resolve("group.png"));
    Files.writeString(photos.resolve("broken.jpg"), "no photo");
    Path into = folder.resolve("sorted");
    Object[] sort = {"sort", photos.getParent(), "--into", into, "--gallery", store};
    Run plan = run(with(sort, "--dry-run", "--json"));
    assertThat(plan.status()).as(plan.text()).isEqualTo(1); // broken.jpg
    assertThat(JsonLines.of(plan.out(), "sorted")).hasSize(4);
    assertThat(into).doesNotExist();

    assertThat(run(sort).text()).contains("4 photos are sorted into " + into + "; 1 could not be");
    GalleryCommandsTest.assertOwnersAlone(into);
    assertThat(into.resolve("person_01/a.jpg")).isSymbolicLink().hasBinaryContent(bytes(query(1)));
    assertThat(into.resolve("person_01/a (2).jpg")).isSymbolicLink();
    assertThat(into.resolve("person_02/group.png")).isSymbolicLink();
    assertThat(into.resolve("person_03/group.png")).isSymbolicLink();
    assertThat(into.resolve("_nobody/stranger.jpg")).exists();
    run(sort);
    try (Stream<Path> all = Files.walk(into)) {
      assertThat(all.filter(Files::isSymbolicLink)).as("a second run adds nothing").hasSize(5);
    }
    Path copies = folder.resolve("copies");
    Object[] copy = {"sort", photos.getParent(), "--into", copies, "--copy", "--gallery", store};
    run(copy);
    run(copy);
    try (Stream<Path> all = Files.walk(copies)) {
      assertThat(all.filter(Files::isRegularFile)).hasSize(4);
    }
    assertThat(copies.resolve("person_02/group.png")).isRegularFile();
    Run inside = run("sort", photos.getParent(), "--into", photos.resolve("x"), "--gallery", store);
    assertThat(inside.status()).isEqualTo(2);
  }

  /** A path that is too long fails where a full disk does: when the file is made. */
  @Test
  void whatCannotBeSortedIsToldAndLeavesNoFolder() throws Exception {
    Path store = gallery();
    Path photos = Files.createDirectories(folder.resolve("unsorted"));
    Files.copy(query(1), photos.resolve("a".repeat(150) + ".jpg"));
    Path into = folder.resolve("deep");
    while (into.toString().length() < 3960) {
      into = into.resolve("d".repeat(Math.min(200, 3970 - into.toString().length())));
    }
    Files.createDirectories(into);
    for (Object[] more : new Object[][] {{"--copy"}, {}}) {
      Run full = run(with(new Object[] {"sort", photos, "--into", into, "--gallery", store}, more));
      assertThat(full.status()).as(full.text()).isEqualTo(1);
      assertThat(full.text())
          .contains("0 photos are sorted", "1 could not be", "make room or rights for it")
          .doesNotContain("\tat ");
      assertThat(into).isEmptyDirectory();
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no such pipes")
  void sortingTellsOfPipesAndDoesNotWaitForThem() throws Exception {
    Path store = gallery();
    Path photos = Files.createDirectories(folder.resolve("unsorted"));
    Files.copy(query(1), photos.resolve("a.jpg"));
    Path pipe = photos.resolve("pipe.jpg");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Run run = run("sort", photos, "--into", folder.resolve("sorted"), "--gallery", store);
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.text())
        .contains(pipe + " is a pipe or a device, not a photo; it is left out")
        .contains("1 photos are sorted", "1 could not be");
  }

  @Test
  void aNameOfAPersonLeadsNowhereElse() {
    assertThat(SortCommand.folder("Ann Müller")).isEqualTo("Ann Müller");
    assertThat(SortCommand.folder("../../etc")).isEqualTo("%2E.%2F..%2Fetc");
    assertThat(SortCommand.folder(".")).isEqualTo("%2E");
    assertThat(SortCommand.folder("a\u0000b\u202E")).isEqualTo("a%00b%E2%80%AE");
    assertThat(SortCommand.folder(" 2Eman")).isEqualTo("%202Eman");
    assertThat(SortCommand.folder("\uD800")).isEqualTo("%uD800");
    assertThat(SortCommand.folder("\uD83D\uDE00")).isEqualTo("\uD83D\uDE00");
    assertThat(SortCommand.folder("_nobody")).isEqualTo("%5Fnobody");
    assertThat(SortCommand.folder("CON")).isEqualTo("%43ON");
    assertThat(SortCommand.folder("nul.txt")).isEqualTo("%6Eul.txt");
    for (String one : List.of("a", "\u4E2D", "%", "\u202E")) {
      String long1 = one.repeat(3000);
      assertThat(SortCommand.folder(long1).getBytes(StandardCharsets.UTF_8))
          .hasSizeLessThanOrEqualTo(200);
      assertThat(SortCommand.folder(long1 + "Aa")).isNotEqualTo(SortCommand.folder(long1 + "BB"));
    }
  }

  private static byte[] bytes(Path file) throws Exception {
    return Files.readAllBytes(file);
  }

  private static Object[] with(Object[] some, Object... more) {
    return Stream.concat(Arrays.stream(some), Arrays.stream(more)).toArray();
  }

  @Test
  void whatIsMadeForProgramsIsAscii() throws Exception {
    Path photo = folder.resolve("ü\u202E.jpg");
    Files.copy(query(1), photo);
    Run found = run("detect", photo, "--json");
    assertThat(found.out().getBytes(StandardCharsets.UTF_8)).hasSize(found.out().length());
    assertThat(JsonLines.of(found.out()).get(0).get("photo").getAsString())
        .isEqualTo(photo.toString());
  }
}
