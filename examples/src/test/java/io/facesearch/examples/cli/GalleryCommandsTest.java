package io.facesearch.examples.cli;

import static io.facesearch.examples.cli.Run.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.DecisionThreshold;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.examples.server.PhotoFolder;
import io.facesearch.index.FaceStore;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What changes a gallery works on a store; index files are snapshots, and only read. */
class GalleryCommandsTest {
  @TempDir private Path folder;

  private static EmbeddedFace face(String source, String person) {
    return new EmbeddedFace(
        new FaceRecord(source + "#0", Optional.of(person), Optional.of(source), Optional.empty()),
        Embedding.of("m", 1, 2));
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
        new Object[][] {{"forget", "Ann"}, {"index", Files.createDirectory(folder.resolve("p"))}}) {
      Run refused = run(command[0], command[1], "--index", file);
      assertThat(refused.status()).as(refused.text()).isEqualTo(1);
      assertThat(refused.text())
          .contains("snapshot", "facesearch import " + file + " --index FOLDER")
          .doesNotContain("\tat ");
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    Run missing = run("index", folder, "--index", folder.resolve("new.fsx"));
    assertThat(missing.status()).isEqualTo(1);
    assertThat(missing.text()).contains("name the folder of a store", folder.resolve("new") + "");
    assertThat(folder.resolve("new.fsx")).doesNotExist();
  }

  @Test
  void noStoreIsMadeForPhotosThatAreNotThere() throws Exception {
    Path store = folder.resolve("store");
    Path none = folder.resolve("none");
    assertThat(run("index", none, "--index", store).text()).contains("no file or folder " + none);
    assertThat(run("serve", "--gallery", none, "--index", store, "--port", 0).text())
        .contains("no file or folder " + none);
    assertThat(store).doesNotExist();
  }

  @Test
  void aStoreThatIsMissingNamesTheIndexFileThatIsThere() throws Exception {
    Path file = snapshot(face("a.jpg", "Ann"));
    Run missing = run("forget", "Ann", "--index", folder.resolve("old"));
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

    Run taken = run("import", file, "--index", store);
    assertThat(taken.status()).as(taken.text()).isZero();
    assertThat(taken.text()).contains("3 taken over, 0 there", "photos       2", "taken over");
    assertThat(DecisionThreshold.load(store.resolve("threshold"), "m").distance()).isEqualTo(0.7);
    assertThat(store.resolve(".photos").resolve(name)).hasBinaryContent(crop);
    try (FaceStore open = FaceStore.open(store)) {
      assertThat(open.get("added:" + name + "#0")).isPresent();
      assertThat(open.get("b.jpg#0")).isPresent();
    }
    Run again = run("import", file, "--index", store);
    assertThat(again.text()).contains("0 taken over, 3 there already");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);

    Run forgotten = run("forget", "Ann", "--index", store);
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
            {"index", Files.createDirectories(folder.resolve("p"))},
            {"import", folder.resolve("old.fsx")}
          }) {
        snapshot(face("b.jpg", "Bob"));
        Run second = run(command[0], command[1], "--index", store);
        assertThat(second.status()).as(second.text()).isEqualTo(1);
        assertThat(second.text()).contains("open", "'serve'", "REST").doesNotContain("\tat ");
        assertThat(second.text().strip().lines()).hasSize(1);
      }
      assertThat(open.size()).isEqualTo(1);
    }
    assertThat(run("forget", "Ann", "--index", store).status()).isZero();
  }

  @Test
  void photosThatAreLeftAreTold() throws Exception {
    Path store = folder.resolve("store");
    PhotoFolder photos = PhotoFolder.of(store.resolve(".photos"));
    Path stuck;
    try (FaceStore open = FaceStore.open(store)) {
      String good = photos.add(new byte[] {1});
      String bad = photos.add(new byte[] {2});
      stuck = store.resolve(".photos").resolve(bad.substring("added:".length()));
      // Nobody can delete it as a file.
      Files.delete(stuck);
      Files.createFile(Files.createDirectory(stuck).resolve("inside"));
      open.addAll(List.of(face(good, "Ann"), face(bad, "Ann")));
    }
    Run forgotten = run("forget", "Ann", "--index", store);
    assertThat(forgotten.status()).as(forgotten.text()).isEqualTo(1);
    assertThat(forgotten.text())
        .contains("faces        2", "photos       1 deleted", "could not be deleted: 1")
        .contains(stuck.toString());
    try (FaceStore open = FaceStore.open(store)) {
      assertThat(open.size()).isZero();
    }
    Run again = run("forget", "Ann", "--index", store);
    assertThat(again.status()).as("it is still there").isEqualTo(1);
    assertThat(again.text()).contains(stuck.toString());
    Files.delete(stuck.resolve("inside"));
    Files.delete(stuck);
    assertThat(run("forget", "Ann", "--index", store).status()).isEqualTo(3);
  }

  @Test
  void photosWithoutAFaceAreSweptAndOtherFilesAreNot() throws Exception {
    Path store = folder.resolve("store");
    PhotoFolder photos = PhotoFolder.of(store.resolve(".photos"));
    try (FaceStore open = FaceStore.open(store)) {
      open.add(face(photos.add(new byte[] {1}), "Ann"));
      photos.add(new byte[] {2});
      Files.write(store.resolve(".photos/.facesearch-x.tmp"), new byte[] {3});
      Files.write(store.resolve(".photos/readme.txt"), new byte[] {4});
    }
    assertThat(run("forget", "Bob", "--index", store).text())
        .contains("swept        1", "has no face of Bob");
    assertThat(files(store.resolve(".photos"))).hasSize(2);
  }

  @Test
  void aNameThatCannotBeTypedIsForgottenAsItIsPrinted() throws Exception {
    Path store = folder.resolve("store");
    try (FaceStore open = FaceStore.open(store)) {
      open.addAll(List.of(face("a", "A\u001Bnn"), face("b", "Bo\nb"), face("c", "Bo\\nb")));
    }
    assertThat(run("forget", "A\\u001Bnn", "--index", store).text()).contains("faces        1");
    // Whoever really has that name is meant.
    assertThat(run("forget", "Bo\\nb", "--index", store).status()).isZero();
    try (FaceStore open = FaceStore.open(store)) {
      assertThat(open.faces()).extracting(f -> f.face().id()).containsExactly("b#0");
    }
  }

  @Test
  void photosThatAreGoneArePruned() throws Exception {
    Path samples = Path.of("src/main/resources/io/facesearch/examples/samples/gallery/person_01");
    Path photos = Files.createDirectory(folder.resolve("photos"));
    for (int i = 1; i <= 4; i++) {
      Files.copy(samples.resolve("photo_" + i + ".jpg"), photos.resolve(i + ".jpg"));
    }
    Path store = folder.resolve("store");
    assertThat(run("index", photos, "--index", store).text()).contains("4 faces in");
    Files.delete(photos.resolve("1.jpg"));
    Files.move(photos.resolve("2.jpg"), photos.resolve("renamed.jpg"));
    Run noticed = run("index", photos, "--index", store);
    assertThat(noticed.text())
        .contains("1 photos were renamed", "1 photos are gone", "--prune", "4 faces in");
    Run pruned = run("index", photos, "--index", store, "--prune");
    assertThat(pruned.status()).as(pruned.text()).isZero();
    assertThat(pruned.text())
        .contains("gone: 1 photos with 1 faces", "gone: photos/1.jpg", "removed: 1", "3 faces in");

    Path away = Files.move(photos, folder.resolve("away"));
    Run refused = run("index", photos, "--index", store, "--prune");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.text()).contains("nothing was removed", "--confirm", "3 faces in");
    Run moved = run("index", away, "--root", "photos", "--index", store);
    assertThat(moved.text()).contains("indexed before 3", "3 faces in");
    Files.move(away, folder.resolve("gone"));
    Run confirmed = run("index", photos, "--index", store, "--prune", "--confirm");
    assertThat(confirmed.status()).as(confirmed.text()).isZero();
    assertThat(confirmed.text()).contains("removed: 3", "0 faces in");
    assertThat(run("index", photos, "--index", store, "--confirm").status()).isEqualTo(2);
  }
}
