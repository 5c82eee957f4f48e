package io.facesearch.cli;

import static io.facesearch.cli.Run.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.facesearch.DecisionThreshold;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.KeptPhotos;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.store.FaceStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What changes a gallery works on a store; index files are snapshots, and only read. */
class GalleryCommandsTest {
  @TempDir private Path folder;

  private static EmbeddedFace face(String source, String person) {
    return new EmbeddedFace(
        new FaceRecord(source + "#0", person, source, null), Embedding.of("m", 1, 2));
  }

  private Path snapshot(EmbeddedFace... faces) throws IOException {
    Path file = folder.resolve("old.fsx");
    try (SigmoidTreeIndex index = SigmoidTreeIndex.builder().build()) {
      index.addAll(List.of(faces));
      index.overwrite(file);
    }
    return file;
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void indexFilesAreNotChanged() throws Exception {
    Path file = snapshot(face("a.jpg", "Ann"), face("b.jpg", "Bob"));
    byte[] before = Files.readAllBytes(file);
    for (Object[] command :
        new Object[][] {
          {"forget", "Ann"}, {"index", "--photos", Files.createDirectory(folder.resolve("p"))}
        }) {
      Run refused = run(with(command, "--gallery", file));
      assertThat(refused.status()).as(refused.text()).isEqualTo(1);
      assertThat(refused.text())
          .contains("snapshot", "facesearch import " + file + " --gallery FOLDER")
          .doesNotContain("\tat ");
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    Run missing = run("index", "--photos", folder, "--gallery", folder.resolve("new.fsx"));
    assertThat(missing.status()).isEqualTo(1);
    assertThat(missing.text()).contains("name the folder of a store", folder.resolve("new") + "");
    assertThat(folder.resolve("new.fsx")).doesNotExist();
  }

  @Test
  void noStoreIsMadeForPhotosThatAreNotThere() throws Exception {
    Path store = folder.resolve("store");
    Path none = folder.resolve("none");
    assertThat(run("index", "--photos", none, "--gallery", store).text())
        .contains("no file or folder " + none);
    assertThat(run("serve", "--photos", none, "--gallery", store, "--port", 0).text())
        .contains("no file or folder " + none);
    assertThat(store).doesNotExist();
  }

  @Test
  void aStoreThatIsMissingNamesTheIndexFileThatIsThere() throws Exception {
    Path file = snapshot(face("a.jpg", "Ann"));
    Run missing = run("forget", "Ann", "--gallery", folder.resolve("old"));
    assertThat(missing.status()).isEqualTo(1);
    assertThat(missing.text()).contains("facesearch import " + file);
  }

  @Test
  void anIndexFileIsTakenOverWithWhatLiesBesideIt() throws Exception {
    Path photos = Files.createDirectory(folder.resolve("old.fsx.photos"));
    String name = "01234567-89ab-cdef-0123-456789abcdef.jpg";
    String younger = "11234567-89ab-cdef-0123-456789abcdef.jpg";
    byte[] crop = {1, 2, 3};
    Files.write(photos.resolve(name), crop);
    Files.write(photos.resolve(younger), crop);
    Path file =
        snapshot(
            face("/before/it/was/moved/old.fsx.photos/" + name, "Ann"),
            face("added:" + younger, "Ann"),
            face("b.jpg", "Bob"));
    new DecisionThreshold(0.7, 0.01, "these").save(folder.resolve("old.fsx.threshold"), "m");
    byte[] before = Files.readAllBytes(file);
    Path store = folder.resolve("store");

    Run taken = run("import", file, "--gallery", store);
    assertThat(taken.status()).as(taken.text()).isZero();
    assertThat(taken.text()).contains("3 taken over, 0 there", "photos       2", "taken over");
    assertThat(DecisionThreshold.load(store.resolve("threshold"), "m").distance()).isEqualTo(0.7);
    assertThat(store.resolve(".photos").resolve(name)).hasBinaryContent(crop);
    try (FaceStore open = FaceStore.open(store)) {
      assertThat(open.get("added:" + name + "#0")).isPresent();
      assertThat(open.get("b.jpg#0")).isPresent();
    }
    Run again = run("import", file, "--gallery", store);
    assertThat(again.text()).contains("0 taken over, 3 there already");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    Path other = folder.resolve("other.fsx");
    try (SigmoidTreeIndex index = SigmoidTreeIndex.builder().build()) {
      index.add(new EmbeddedFace(face("b.jpg", "Bob").face(), Embedding.of("n", 1, 2)));
      index.overwrite(other);
    }
    Run refused = run("import", other, "--gallery", store);
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.text()).contains("of fingerprint n, but the store", "of fingerprint m");

    Run forgotten = run("forget", "Ann", "--gallery", store);
    assertThat(forgotten.status()).as(forgotten.text()).isZero();
    assertThat(forgotten.text()).contains("faces        2", "photos       2 deleted");
    assertThat(store.resolve(".photos")).isEmptyDirectory();
    assertThat(run("import", folder.resolve("none.fsx")).text()).contains("there is no index file");
    assertThat(run("import", store).text()).contains("is a folder, not an index file");
  }

  @Test
  void onlyOneHasAStoreOpen() throws Exception {
    Path store = folder.resolve("store");
    try (FaceStore open = FaceStore.open(store)) {
      open.add(face("a.jpg", "Ann"));
      for (Object[] command :
          new Object[][] {
            {"forget", "Ann"},
            {"index", "--photos", Files.createDirectories(folder.resolve("p"))},
            {"import", folder.resolve("old.fsx")}
          }) {
        snapshot(face("b.jpg", "Bob"));
        Run second = run(with(command, "--gallery", store));
        assertThat(second.status()).as(second.text()).isEqualTo(1);
        assertThat(second.text()).contains("open", "'serve'", "REST").doesNotContain("\tat ");
        assertThat(second.text().strip().lines()).hasSize(1);
      }
      assertThat(open.size()).isEqualTo(1);
    }
    assertThat(run("forget", "Ann", "--gallery", store).status()).isZero();
  }

  @Test
  void vectorsOfOtherProgramsAreTakenOver() throws Exception {
    Path store = folder.resolve("store");
    StringBuilder lines = new StringBuilder();
    try (FaceAnalyzer analyzer = FaceAnalyzer.open()) {
      for (int person = 1; person <= 4; person++) {
        Path photo = SAMPLES.resolve("gallery/person_%02d/photo_1.jpg".formatted(person));
        float[] vector = analyzer.analyze(FaceImage.read(photo)).get(0).embedding().toArray();
        lines.append(
            "{\"id\": \"%d\", \"person\": \"person %d\", \"vector\": %s}%n"
                .formatted(person, person, Arrays.toString(vector)));
      }
    }
    Path file = Files.writeString(folder.resolve("faces.jsonl"), lines);
    Run done = run("import", file, "--gallery", store);
    assertThat(done.status()).as(done.text()).isZero();
    assertThat(done.text()).contains("4 taken over, 0 there already", "4 faces in " + store);
    assertThat(run("import", file, "--gallery", store).text()).contains("0 taken over, 4 there");
    assertThat(run("search", SAMPLES.resolve("queries/person_03.jpg"), "--gallery", store).text())
        .containsPattern("SAME +person 3");
    Path damaged = Files.writeString(folder.resolve("damaged.csv"), "a,b\n1,x\n");
    Path other = folder.resolve("other");
    Run refused = run("import", damaged, "--gallery", other);
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.text()).contains("damaged.csv, line 2").doesNotContain("\tat ");
    assertThat(other).doesNotExist();
  }

  /** A camera's folder is taken for a person, unless it is said that it is none. */
  @Test
  void aSubfolderThatIsNoPersonIsToldAndMended() throws Exception {
    Path photos = folder.resolve("photos");
    Path camera = Files.createDirectories(photos.resolve("2024 camera"));
    Path ann = Files.createDirectories(photos.resolve("Ann"));
    for (int i = 1; i <= 22; i++) {
      Path query = SAMPLES.resolve(String.format(Locale.ROOT, "queries/person_%02d.jpg", i));
      Files.copy(query, camera.resolve(i + ".jpg"));
    }
    Files.copy(SAMPLES.resolve("gallery/person_01/photo_1.jpg"), ann.resolve("a.jpg"));
    Path store = folder.resolve("store");
    String hint = "'facesearch people unname '2024 camera' --gallery " + store + "'";
    assertThat(run("index", "--photos", photos, "--gallery", store).text())
        .contains("the faces called 2024 camera are mostly of different people", hint);
    run("people", "unname", "2024 camera", "--gallery", store);
    assertThat(run("people", "list", "--gallery", store, "-q").lines()).hasSize(1);
    assertThat(run("forget", "2024 camera", "--gallery", store).text()).contains("faces        22");
    Path second = folder.resolve("second");
    Run told = run("index", "--photos", photos, "--gallery", second, "--no-person", "20* camera");
    assertThat(told.text()).doesNotContain("unname").contains("23 faces in");
    assertThat(run("people", "list", "--gallery", second, "-q").text())
        .containsPattern("^ +1 +Ann\\s*$");
    Run wrong = run("index", "--photos", photos, "--gallery", second, "--no-person", "[");
    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.text()).contains("--no-person must be the name of a subfolder");
    // The folder gets another name.
    Path pictures = Files.move(photos, folder.resolve("pictures"));
    assertThat(run("index", "--photos", pictures, "--gallery", second).text())
        .contains("indexed before 23", pictures + " is the folder photos of the gallery")
        .contains("23 faces in");
    assertThat(run("forget", "Ann", "--gallery", second).text())
        .contains("1 of a folder are not touched", "left: " + pictures.resolve("Ann/a.jpg"));
  }

  @Test
  void photosThatAreLeftAreTold() throws Exception {
    Path store = folder.resolve("store");
    Path stuck;
    try (FaceStore open = FaceStore.open(store)) {
      KeptPhotos photos = open.photos();
      String good = photos.add(new byte[] {1});
      String bad = photos.add(new byte[] {2});
      stuck = store.resolve(".photos").resolve(bad.substring("added:".length()));
      // Nobody can delete it as a file.
      Files.delete(stuck);
      Files.createFile(Files.createDirectory(stuck).resolve("inside"));
      open.addAll(List.of(face(good, "Ann"), face(bad, "Ann")));
    }
    Run forgotten = run("forget", "Ann", "--gallery", store);
    assertThat(forgotten.status()).as(forgotten.text()).isEqualTo(1);
    assertThat(forgotten.text())
        .contains("faces        2", "photos       1 deleted", "could not be deleted: 1")
        .contains(stuck.toString());
    try (FaceStore open = FaceStore.open(store)) {
      assertThat(open.size()).isZero();
    }
    Run again = run("forget", "Ann", "--gallery", store);
    assertThat(again.status()).as("it is still there").isEqualTo(1);
    assertThat(again.text()).contains(stuck.toString());
    Files.delete(stuck.resolve("inside"));
    Files.delete(stuck);
    assertThat(run("forget", "Ann", "--gallery", store).status()).isEqualTo(3);
  }

  @Test
  void photosWithoutAFaceAreSweptAndOtherFilesAreNot() throws Exception {
    Path store = folder.resolve("store");
    try (FaceStore open = FaceStore.open(store)) {
      KeptPhotos photos = open.photos();
      open.add(face(photos.add(new byte[] {1}), "Ann"));
      photos.add(new byte[] {2});
      Files.write(store.resolve(".photos/.facesearch-x.tmp"), new byte[] {3});
      Files.write(store.resolve(".photos/readme.txt"), new byte[] {4});
    }
    assertThat(run("forget", "Bob", "--gallery", store).text())
        .contains("swept        1", "has no face of Bob");
    assertThat(files(store.resolve(".photos"))).hasSize(2);
  }

  @Test
  void aNameThatCannotBeTypedIsForgottenAsItIsPrinted() throws Exception {
    Path store = folder.resolve("store");
    try (FaceStore open = FaceStore.open(store)) {
      open.addAll(List.of(face("a", "A\u001Bnn"), face("b", "Bo\nb"), face("c", "Bo\\nb")));
    }
    assertThat(run("forget", "A\\u001Bnn", "--gallery", store).text()).contains("faces        1");
    // Whoever really has that name is meant.
    assertThat(run("forget", "Bo\\nb", "--gallery", store).status()).isZero();
    try (FaceStore open = FaceStore.open(store)) {
      assertThat(open.faces()).extracting(f -> f.face().id()).containsExactly("b#0");
    }
  }

  @Test
  void photosThatAreGoneArePruned() throws Exception {
    Path samples = Path.of("src/main/resources/io/facesearch/cli/samples/gallery/person_01");
    Path photos = Files.createDirectory(folder.resolve("photos"));
    for (int i = 1; i <= 4; i++) {
      Files.copy(samples.resolve("photo_" + i + ".jpg"), photos.resolve(i + ".jpg"));
    }
    Path store = folder.resolve("store");
    assertThat(run("index", "--photos", photos, "--gallery", store).text()).contains("4 faces in");
    Files.delete(photos.resolve("1.jpg"));
    Files.move(photos.resolve("2.jpg"), photos.resolve("renamed.jpg"));
    Run noticed = run("index", "--photos", photos, "--gallery", store);
    assertThat(noticed.text())
        .contains("1 photo: renamed", "1 photo: gone", "--prune", "4 faces in");
    Run pruned = run("index", "--photos", photos, "--gallery", store, "--prune");
    assertThat(pruned.status()).as(pruned.text()).isZero();
    assertThat(pruned.text())
        .contains("gone: 1 photos with 1 faces", "gone: photos/1.jpg", "removed: 1", "3 faces in");

    Path away = Files.move(photos, folder.resolve("away"));
    Run refused = run("index", "--photos", photos, "--gallery", store, "--prune");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.text()).contains("nothing was removed", "--confirm", "3 faces in");
    Run moved = run("index", "--photos", away, "--root", "photos", "--gallery", store);
    assertThat(moved.text()).contains("indexed before 3", "3 faces in");
    Files.move(away, folder.resolve("gone"));
    Run confirmed = run("index", "--photos", photos, "--gallery", store, "--prune", "--confirm");
    assertThat(confirmed.status()).as(confirmed.text()).isZero();
    assertThat(confirmed.text()).contains("removed: 3", "0 faces in");
    Run unknown = run("index", "--photos", folder.resolve("phtos"), "--gallery", store, "--prune");
    assertThat(unknown.status()).isEqualTo(1);
    assertThat(unknown.text()).contains("there is no file or folder").doesNotContain("removed");
    assertThat(run("index", "--photos", photos, "--gallery", store, "--confirm").status())
        .isEqualTo(2);
  }

  private static final Path SAMPLES =
      Path.of("src/main/resources/io/facesearch/cli/samples").toAbsolutePath();

  /** What fails before the first face leaves nothing that the command made. */
  @Test
  void whatFailsBeforeTheFirstFaceLeavesNoStore() throws Exception {
    Path photos = Files.createDirectory(folder.resolve("photos"));
    Files.copy(SAMPLES.resolve("queries/person_01.jpg"), photos.resolve("1.jpg"));
    Path celeba = Files.createDirectory(folder.resolve("celeba"));
    Files.writeString(celeba.resolve("identity_CelebA.txt"), "000001.jpg 1\n");
    Path damaged = Files.writeString(folder.resolve("damaged.fsx"), "FACEIDX\nand no more");
    Path used = Files.createDirectory(folder.resolve("used"));
    try (FaceAnalyzer faces = FaceAnalyzer.open()) {
      faces.threshold().save(used.resolve("threshold"), faces.model().fingerprint());
    }
    Path none = folder.resolve("none");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int port = taken.getLocalPort();
      for (Path store : List.of(folder.resolve("store"), used)) {
        List<Path> before = files(folder);
        for (Object[] command :
            new Object[][] {
              {1, "index", "--photos", photos, "--model", "nosuch"},
              {2, "index", "--photos", photos, "--root", "a/b"},
              {2, "index", "--photos", photos, "--threads", 0},
              {2, "index", "--photos", photos, "--threads", 1025},
              {1, "index", "--photos", photos, "--device", "nosuch"},
              {1, "index", "--photos", photos, "--key-file", none},
              {1, "index", "--photos", celeba},
              {1, "import", damaged},
              {1, "serve", "--photos", photos, "--port", port},
              {2, "serve", "--photos", photos, "--port", 0, "--token", "short"},
              {1, "serve", "--photos", photos, "--port", 0, "--model", "nosuch"},
            }) {
          Object[] words = Stream.of(command).skip(1).toArray(Object[]::new);
          words =
              Stream.concat(Stream.of(words), Stream.of("--gallery", store)).toArray(Object[]::new);
          Run failed = run(words);
          assertThat(failed.status()).as(failed.text()).isEqualTo(command[0]);
          assertThat(failed.text()).doesNotContain("\tat ");
          assertThat(files(folder)).as(failed.text()).hasSameElementsAs(before);
        }
      }
    }
    assertThat(folder.resolve("store")).doesNotExist();
    // A store that was there stays, also an empty one.
    Path empty = folder.resolve("empty");
    FaceStore.open(empty).close();
    assertThat(run("index", "--photos", photos, "--model", "nosuch", "--gallery", empty).status())
        .isEqualTo(1);
    FaceStore.open(empty).verify();
    assertThat(run("index", "--photos", photos, "--gallery", used).text()).contains("1 faces in");
  }

  private static StoreToFill fill(Path path) throws IOException {
    StoreToFill.Opening opening = () -> Gallery.builder().folder(path).withoutModel().open();
    return StoreToFill.open(path, opening, opening);
  }

  @Test
  void aStoreIsKeptOnceItHasAFace() throws Exception {
    Path path = folder.resolve("store");
    try (StoreToFill made = fill(path)) {
      made.gallery().storage().add(face("a.jpg", "Ann"));
    }
    try (StoreToFill made = fill(path)) {
      assertThat(made.gallery().size()).isEqualTo(1);
      made.gallery().remove("a.jpg#0");
    }
    assertThat(path).as("it was there before").exists();
    Path failed = folder.resolve("failed");
    try (StoreToFill made = fill(failed)) {
      assertThat(made.gallery().size()).isZero();
    }
    assertThat(failed).doesNotExist();
    try (StoreToFill made = fill(failed)) {
      made.done();
    }
    FaceStore.open(failed).close();
  }

  @Test
  void aFolderThatNobodyMayListMakesNoStore() throws Exception {
    Path photos = Files.createDirectory(folder.resolve("photos"));
    Files.setPosixFilePermissions(photos, PosixFilePermissions.fromString("-wx------"));
    assumeFalse(Files.isReadable(photos), "this user may read everything: skipped");
    Path store = folder.resolve("store");
    assertThat(run("index", "--photos", photos, "--gallery", store).text())
        .contains("no permission for");
    assertThat(store).doesNotExist();
  }

  @Test
  void whatIsNoGalleryIsToldBeforeAnythingIsPrinted() throws Exception {
    Path photo = SAMPLES.resolve("queries/person_01.jpg");
    Path empty = Files.createFile(folder.resolve("empty.fsx"));
    Path store = folder.resolve("store");
    FaceStore.open(store).close();
    for (Path file : List.of(photo, empty, store.resolve("faces.db"))) {
      for (Object[] command :
          new Object[][] {
            {"info"},
            {"search", photo},
            {"forget", "Ann"},
            {"index", "--photos", photo.getParent()},
            {"serve", "--port", 0},
            {"import", file}
          }) {
        Object[] words =
            Stream.concat(
                    Stream.of(command),
                    command[0].equals("import")
                        ? Stream.of("--gallery", folder.resolve("new"))
                        : Stream.of("--gallery", file))
                .toArray(Object[]::new);
        Run refused = run(words);
        assertThat(refused.status()).as(refused.text()).isEqualTo(1);
        assertThat(refused.text().strip().lines()).as(refused.text()).hasSize(1);
        assertThat(refused.text()).startsWith("facesearch: not a gallery: " + file);
      }
    }
    assertThat(run("info", "--gallery", store.resolve("faces.db")).text())
        .contains("name its folder, " + store);
    assertThat(run("info", "--gallery", folder.resolve("none")).text().strip().lines()).hasSize(1);
    assertThat(folder.resolve("new")).doesNotExist();
  }

  @Test
  void wrongWordsAreCalledByTheirOption() throws Exception {
    Path photos = Files.createDirectory(folder.resolve("photos"));
    assertThat(
            run("index", "--photos", photos, "--root", "a/b", "--gallery", folder.resolve("s"))
                .text())
        .contains("--root: the name of a folder of photos must have 1 to 255 characters");
    Path store = folder.resolve("store");
    FaceStore.open(store).close();
    Run nobody = run("forget", "", "--gallery", store);
    assertThat(nobody.status()).isEqualTo(2);
    assertThat(nobody.text()).contains("PERSON must be a name, but is empty");
    // A shell's variable that was not set, which must not mean the working folder.
    for (Object[] words :
        new Object[][] {
          {"index", "--photos", "", "--gallery", store},
          {"search", ""},
          {"info", "--gallery", ""},
          {"serve", "--photos="}
        }) {
      Run empty = run(words);
      assertThat(empty.status()).as(empty.text()).isEqualTo(2);
      assertThat(empty.text()).contains("a path is empty");
    }
    Run bad = run("serve", "--gallery", "my gallery=" + folder.resolve("made"));
    assertThat(bad.status()).isEqualTo(2);
    assertThat(bad.text()).contains("galleries with names need one each");
    for (String[] words :
        new String[][] {
          {"--host", ""}, {"--allow-host", ""}, {"--allow-host", "http://faces.example.org"}
        }) {
      Run wrong = run("serve", "--gallery", store, "--port", 0, words[0], words[1]);
      assertThat(wrong.status()).as(wrong.text()).isEqualTo(2);
      assertThat(wrong.text())
          .contains(
              words[0]
                  + (words[1].isEmpty() && words[0].equals("--host")
                      ? " is empty"
                      : " must be the name"));
    }
  }

  @EnabledOnOs({OS.LINUX, OS.MAC})
  @Test
  void namesWithBackslashesAreToldWithTheRemedy() throws Exception {
    Path photos = Files.createDirectory(folder.resolve("photos"));
    Files.createFile(photos.resolve("Ann\\1.jpg"));
    assertThat(run("index", "--photos", photos, "--gallery", folder.resolve("store")).text())
        .contains("  1 photo: a backslash in the name, from which no person is taken")
        .contains("unpack it with a program that makes them");
  }

  /** Nobody writes to it, so whoever opened it would wait for ever. */
  @EnabledOnOs({OS.LINUX, OS.MAC})
  @Timeout(120)
  @Test
  void aPipeIsNotWaitedFor() throws Exception {
    Path pipe = folder.resolve("pipe.jpg");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Path link = Files.createSymbolicLink(folder.resolve("link.jpg"), pipe);
    Path store = folder.resolve("store");
    FaceStore.open(store).close();
    for (Object[] words :
        new Object[][] {
          {"search", pipe, "--gallery", store},
          {"search", link, "--gallery", store},
          {"verify", link, pipe},
          {"index", "--photos", folder, "--gallery", store, "--model", pipe}
        }) {
      Run refused = run(words);
      assertThat(refused.status()).as(refused.text()).isEqualTo(1);
      assertThat(refused.text()).contains("is a pipe or a device, not a file");
    }
    assertThat(run("index", "--photos", pipe, "--gallery", store).text())
        .contains("is not a folder");
    assertThat(run("info", "--gallery", pipe).text()).contains("not a gallery");
  }

  @Test
  void aPhotoThatABrokenFileReplacedIsPruned() throws Exception {
    Path photos = Files.createDirectory(folder.resolve("photos"));
    for (int i = 1; i <= 3; i++) {
      Files.copy(
          SAMPLES.resolve("gallery/person_01/photo_" + i + ".jpg"), photos.resolve(i + ".jpg"));
    }
    Path store = folder.resolve("store");
    run("index", "--photos", photos, "--gallery", store);
    Files.writeString(photos.resolve("2.jpg"), "no photo");
    assertThat(run("index", "--photos", photos, "--gallery", store).text())
        .contains(
            "broken: " + photos.resolve("2.jpg"),
            "1 photo: replaced by a broken file, but still with the old faces;"
                + " --prune removes them",
            "3 faces in");
    assertThat(run("index", "--photos", photos, "--gallery", store, "--prune").text())
        .contains(
            "gone: 0 photos, broken: 1 photos, with 1 faces",
            "broken: photos/2.jpg",
            "removed: 1",
            "2 faces in");
  }

  private static Object[] with(Object[] command, Object... more) {
    return Stream.concat(Stream.of(command), Stream.of(more)).toArray();
  }

  /** Folders that are called by people tell nobody else who they are. */
  static void assertOwnersAlone(Path folder) throws IOException {
    if (!folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path made : all.filter(Files::isDirectory).toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
            .as("%s", made)
            .isEqualTo("rwx------");
      }
    }
  }
}
