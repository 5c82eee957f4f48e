package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceIndex;
import io.facesearch.Gallery;
import io.facesearch.IndexingReport;
import io.facesearch.PhotoSource;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.store.FaceStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Index files and stores of older releases, with the model of that time. */
class OldGalleriesTest {
  private static final Path SAMPLES =
      Path.of("src/main/resources/io/facesearch/cli/samples/gallery").toAbsolutePath();

  @TempDir private Path temporary;
  private Path folder;

  @BeforeEach
  void realFolder() throws IOException {
    folder = temporary.toRealPath();
  }

  private Path photo(String name) {
    return folder.resolve("photos").resolve(name);
  }

  private void copy(String name) throws IOException {
    Files.createDirectories(photo(name).getParent());
    Files.copy(SAMPLES.resolve(name), photo(name));
  }

  private static List<String> sources(FaceIndex index) {
    return index.faces().stream().map(face -> face.face().source().orElseThrow()).toList();
  }

  private void oldPhotos() throws IOException {
    copy("person_01/photo_1.jpg");
    copy("person_01/photo_2.jpg");
    copy("person_02/photo_1.jpg");
    Files.write(photo("person_01/group.jpg"), old("group.jpg"));
  }

  private byte[] old(String name) throws IOException {
    try (InputStream in = getClass().getResourceAsStream("old/" + name)) {
      return in.readAllBytes();
    }
  }

  /** Made by a release that named faces by their paths, and each face by the folder. */
  @Test
  void anOldIndexFileIsMended() throws Exception {
    oldPhotos();
    Path file = folder.resolve("old.fsx");
    Files.write(file, old("old.fsx"));
    SigmoidTreeIndex tree = SigmoidTreeIndex.load(file);
    assertThat(sources(tree)).allMatch(source -> source.startsWith("/home/ann/photos/"));
    mend(tree);
  }

  @Test
  void anOldStoreIsMended() throws Exception {
    oldPhotos();
    Path store = Files.createDirectory(folder.resolve("store"));
    Files.write(store.resolve("faces.db"), old("faces.db"));
    try (FaceStore opened = FaceStore.open(store)) {
      mend(opened);
    }
    try (FaceStore opened = FaceStore.open(store)) {
      assertThat(opened.size()).isEqualTo(5);
      opened.verify();
    }
  }

  private void mend(FaceIndex old) throws Exception {
    // Opens with the model of that release.
    try (Gallery search = Gallery.builder().index(old).open()) {
      mend(old, search);
    }
  }

  private void mend(FaceIndex old, Gallery search) throws Exception {
    List<EmbeddedFace> before = List.copyOf(old.faces());
    IndexingReport report = search.addAll(PhotoSource.folder(folder.resolve("photos")));
    assertThat(report.alreadyIndexed()).isEqualTo(4);
    assertThat(report.images()).isZero();
    assertThat(old.faces())
        .extracting(face -> face.face().id())
        .containsExactlyInAnyOrder(
            "photos/person_01/group.jpg#0",
            "photos/person_01/group.jpg#1",
            "photos/person_01/photo_1.jpg#0",
            "photos/person_01/photo_2.jpg#0",
            "photos/person_02/photo_1.jpg#0");
    for (EmbeddedFace face : before) {
      String id = face.face().id().replace("/home/ann/", "");
      assertThat(old.get(id).orElseThrow().embedding()).isEqualTo(face.embedding());
    }
    // It called the bystander person_01, too.
    assertThat(old.get("photos/person_01/group.jpg#0").get().face().person()).contains("person_01");
    assertThat(old.get("photos/person_01/group.jpg#1").get().face().person()).isEmpty();
    assertThat(search.addAll(PhotoSource.folder(folder.resolve("photos"))).alreadyIndexed())
        .isEqualTo(4);
  }
}
