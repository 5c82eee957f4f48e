package io.facesearch.facade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.Gallery;
import io.facesearch.IndexingReport;
import io.facesearch.InsufficientMemoryException;
import io.facesearch.ModelCard;
import io.facesearch.PhotoRoot;
import io.facesearch.PhotoSource;
import io.facesearch.Pruning;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.store.FaceStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.text.Normalizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Names of photos, and what lies in folders of photos; with the real models. */
class FolderPhotosTest {
  private static RealParts parts;
  @TempDir private Path temporary;
  private Path folder;
  private final FlatIndex index = new FlatIndex();

  @BeforeAll
  static void open() {
    parts = new RealParts();
  }

  @AfterAll
  static void close() throws Exception {
    parts.close();
  }

  @BeforeEach
  void realFolder() throws IOException {
    folder = temporary.toRealPath();
  }

  private Path photo(String name) {
    return folder.resolve("photos").resolve(name);
  }

  private void copy(int person, int photo, String name) throws IOException {
    RealParts.copy(RealParts.sample(person, photo), photo(name));
  }

  private IndexingReport index() throws Exception {
    return parts.on(index).open().addAll(PhotoSource.folder(folder.resolve("photos")));
  }

  private static List<String> sources(FaceIndex index) {
    return index.faces().stream().map(face -> face.face().source().orElseThrow()).toList();
  }

  // Names

  @Test
  void aMovedFolderIsTheSameGallery() throws Exception {
    copy(1, 1, "Ann/1.jpg");
    copy(2, 1, "Bob/1.jpg");
    index();
    assertThat(index.faces())
        .extracting(face -> face.face().id())
        .containsExactly("photos/Ann/1.jpg#0", "photos/Bob/1.jpg#0");
    List<EmbeddedFace> before = index.faces();
    Path moved = folder.resolve("elsewhere/photos");
    Files.createDirectories(moved.getParent());
    Files.move(folder.resolve("photos"), moved);
    IndexingReport report = parts.on(index).open().addAll(PhotoSource.folder(moved));
    assertThat(report.alreadyIndexed()).isEqualTo(2);
    assertThat(report.images()).isZero();
    assertThat(index.faces()).isEqualTo(before);
    assertThat(index.photoOf(before.get(0).face())).contains(moved.resolve("Ann/1.jpg"));
  }

  /** No path of this machine is in any file that could be given away. */
  @Test
  void theIndexFileHoldsNoPath() throws Exception {
    copy(1, 1, "Ann/1.jpg");
    SigmoidTreeIndex tree = SigmoidTreeIndex.builder().build();
    parts.on(tree).open().addAll(PhotoSource.folder(folder.resolve("photos")));
    Path file = folder.resolve("faces.fsx");
    tree.save(file);
    String bytes = Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
    assertThat(bytes).contains("photos/Ann/1.jpg").doesNotContain(folder.getFileName().toString());
    SigmoidTreeIndex again = SigmoidTreeIndex.load(file);
    assertThat(again.faces()).isEqualTo(tree.faces());
    assertThat(again.faces().get(0).face().stamp()).isPresent();
    assertThat(again.faces().get(0).face().photoOf()).contains("Ann");
    assertThat(
            parts
                .on(again)
                .open()
                .addAll(PhotoSource.folder(folder.resolve("photos")))
                .alreadyIndexed())
        .isEqualTo(1);
  }

  @Test
  void aStoreRemembersWhereThePhotosLie() throws Exception {
    copy(1, 1, "Ann/1.jpg");
    try (FaceStore store = FaceStore.open(folder.resolve("store"))) {
      parts.on(store).open().addAll(PhotoSource.folder(folder.resolve("photos")));
    }
    try (FaceStore store = FaceStore.open(folder.resolve("store"))) {
      assertThat(store.roots()).containsOnlyKeys("photos");
      FaceRecord face = store.faces().get(0).face();
      assertThat(store.photoOf(face)).contains(photo("Ann/1.jpg"));
      store.forget("nobody");
      store.rotateKey(new byte[16]);
    }
    try (FaceStore store = FaceStore.builder(folder.resolve("store")).key(new byte[16]).open()) {
      assertThat(store.roots()).containsEntry("photos", folder.resolve("photos"));
      store.removeRoot("photos");
      assertThat(store.photoOf(store.faces().get(0).face())).isEmpty();
    }
  }

  @Test
  void twoFoldersOfOneNameAreRefusedWithTheRemedy() throws Exception {
    copy(1, 1, "1.jpg");
    index();
    Path other = folder.resolve("other/photos");
    RealParts.copy(RealParts.sample(2, 1), other.resolve("1.jpg"));
    Gallery search = parts.on(index).open();
    assertThatThrownBy(() -> search.addAll(PhotoSource.folder(other)))
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("another folder called \"photos\"")
        .hasMessageContaining("PhotoRoot.of(name, folder)");
    search.addAll(PhotoSource.folder(PhotoRoot.of("others", other)), progress -> true);
    assertThat(sources(index)).containsExactly("photos/1.jpg", "others/1.jpg");
  }

  /** An index file does not know where the folder lay, but another folder replaces nothing. */
  @Test
  void anotherFolderOfTheNameDoesNotReplaceTheFaces() throws Exception {
    copy(1, 1, "1.jpg");
    index();
    FlatIndex loaded = new FlatIndex();
    loaded.addAll(index.faces());
    Path other = folder.resolve("other/photos");
    RealParts.copy(RealParts.sample(2, 1), other.resolve("1.jpg"));
    Gallery search = parts.on(loaded).open();
    assertThatThrownBy(() -> search.addAll(PhotoSource.folder(other)))
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("seems to be another: of 1 photos of equal names, 1 differ");
    assertThat(loaded.faces()).isEqualTo(index.faces());
  }

  /** Indexed as another root, all its faces would be there twice. */
  @Test
  void aFolderThatGotAnotherNameIsTheSameRoot() throws Exception {
    copy(1, 1, "1.jpg");
    copy(2, 1, "x/2.jpg");
    index();
    List<EmbeddedFace> before = index.faces();
    Path pictures = folder.resolve("elsewhere/pictures");
    Files.createDirectories(pictures.getParent());
    Files.move(folder.resolve("photos"), pictures);
    IndexingReport report = parts.on(index).open().addAll(PhotoSource.folder(pictures));
    assertThat(report.alreadyIndexed()).isEqualTo(2);
    assertThat(index.faces()).isEqualTo(before);
    assertThat(index.roots()).containsOnly(Map.entry("photos", pictures));
    // What the caller calls it, it is called.
    Files.move(pictures, folder.resolve("again"));
    PhotoRoot named = PhotoRoot.of("again", folder.resolve("again"));
    assertThat(parts.on(index).open().addAll(PhotoSource.folder(named)).faces()).isEqualTo(2);
  }

  /** Its disk is away, and another has a folder of the name: the name alone is no gallery. */
  @Test
  void aFolderOfTheNameWithNoneOfThePhotosIsAnother() throws Exception {
    copy(1, 1, "x/1.jpg");
    index();
    List<EmbeddedFace> before = index.faces();
    Files.move(folder.resolve("photos"), folder.resolve("away"));
    Path other = folder.resolve("other/photos");
    RealParts.copy(RealParts.sample(2, 1), other.resolve("x/2.jpg"));
    Gallery search = parts.on(index).open();
    assertThatThrownBy(() -> search.addAll(PhotoSource.folder(other)))
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("seems to be another: none of its 1 photos is here")
        .hasMessageContaining("--root NAME");
    assertThatThrownBy(() -> search.planPruning(PhotoSource.folder(PhotoRoot.of(other))))
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("--root NAME");
    assertThat(index.faces()).isEqualTo(before);
    assertThat(index.roots()).containsEntry("photos", folder.resolve("photos"));
    search.addAll(PhotoSource.folder(PhotoRoot.of("others", other)), progress -> true);
    assertThat(sources(index)).containsExactly("photos/x/1.jpg", "others/x/2.jpg");
    // The caller's word is taken.
    Path renamed = folder.resolve("renamed/photos");
    RealParts.copy(RealParts.sample(1, 1), renamed.resolve("x/3.jpg"));
    assertThat(
            search
                .addAll(PhotoSource.folder(PhotoRoot.of("photos", renamed)), progress -> true)
                .renamed())
        .isEqualTo(1);
  }

  @Test
  void aFolderInOneThatIsKnownIsAPartOfIt() throws Exception {
    copy(1, 1, "Ann/1.jpg");
    index();
    copy(1, 2, "Ann/2.jpg");
    IndexingReport report = parts.on(index).open().addAll(PhotoSource.folder(photo("Ann")));
    assertThat(report.alreadyIndexed()).isEqualTo(1);
    assertThat(sources(index)).containsExactly("photos/Ann/1.jpg", "photos/Ann/2.jpg");
    assertThat(index.faces()).allMatch(face -> face.face().person().equals(Optional.of("Ann")));
  }

  @Test
  void aFolderAroundOneThatIsKnownTakesItsPhotosOver() throws Exception {
    copy(1, 1, "Ann/1.jpg");
    parts.on(index).open().addAll(PhotoSource.folder(photo("Ann")));
    assertThat(sources(index)).containsExactly("Ann/1.jpg");
    IndexingReport report = index();
    assertThat(report.images()).isZero();
    assertThat(sources(index)).containsExactly("photos/Ann/1.jpg");
    assertThat(index.faces().get(0).face().person()).contains("Ann");
    assertThat(index.roots()).containsOnlyKeys("photos");
  }

  /** macOS writes e and an accent, others one character. */
  @Test
  void aNameIsTheSameInBothFormsOfUnicode() throws Exception {
    String composed = "Ren\u00e9e";
    copy(1, 1, Normalizer.normalize(composed, Normalizer.Form.NFD) + "/1.jpg");
    index();
    assertThat(sources(index)).containsExactly("photos/" + composed + "/1.jpg");
    assertThat(index.faces().get(0).face().person()).contains(composed);
    assertThat(index.photoOf(index.faces().get(0).face())).isPresent();
    Files.move(photo(Normalizer.normalize(composed, Normalizer.Form.NFD)), photo(composed + " "));
    Files.move(photo(composed + " "), photo(composed));
    assertThat(index().alreadyIndexed()).isEqualTo(1);
  }

  @Test
  void namesThatDifferOnlyInFormOrEscapeAreDistinct() throws Exception {
    copy(1, 1, "\u00e9.jpg");
    copy(1, 2, "e\u0301.jpg");
    copy(1, 3, "%5C.jpg");
    copy(1, 4, "\\.jpg");
    index();
    assertThat(sources(index))
        .containsExactlyInAnyOrder(
            "photos/\u00e9.jpg", "photos/e%CC%81.jpg", "photos/%255C.jpg", "photos/%5C.jpg");
    for (EmbeddedFace face : index.faces()) {
      assertThat(index.photoOf(face.face())).isPresent();
    }
    assertThat(index.faces().stream().map(face -> index.photoOf(face.face())).distinct())
        .hasSize(4);
  }

  @Test
  void aSourceNeverLeadsOutOfItsFolder() throws Exception {
    copy(1, 1, "1.jpg");
    RealParts.copy(RealParts.sample(1, 1), folder.resolve("secret.jpg"));
    Files.createSymbolicLink(photo("link.jpg"), folder.resolve("secret.jpg"));
    index();
    for (String source :
        List.of(
            "photos/../secret.jpg",
            "photos/link.jpg",
            "photos//1.jpg",
            "other/1.jpg",
            "photos/",
            "/etc/passwd",
            "")) {
      assertThat(index.photoOf(new FaceRecord("x", null, source, null))).as(source).isEmpty();
    }
  }

  /** The folder is where it was: the paths lead to the names, also of photos that are gone. */
  @Test
  void pathsOfThisFolderAreMended() throws Exception {
    copy(1, 1, "Ann/1.jpg");
    FlatIndex made = new FlatIndex();
    parts.on(made).open().addAll(PhotoSource.folder(folder.resolve("photos")));
    for (String name : List.of("Ann/1.jpg", "Ann/gone.jpg")) {
      String path = photo(name).toString();
      index.add(
          new EmbeddedFace(
              new FaceRecord(path + "#0", "Ann", path, null), made.faces().get(0).embedding()));
    }
    IndexingReport report = index();
    assertThat(report.images()).isZero();
    assertThat(report.gone()).isEqualTo(1);
    assertThat(sources(index)).containsExactlyInAnyOrder("photos/Ann/1.jpg", "photos/Ann/gone.jpg");
  }

  // What changes

  @Test
  void aReplacedPhotoIsNoticed() throws Exception {
    copy(1, 1, "x/1.jpg");
    copy(1, 2, "x/2.jpg");
    index();
    assertThat(index().images()).isZero();
    EmbeddedFace old = index.get("photos/x/1.jpg#0").orElseThrow();
    copy(2, 1, "x/1.jpg");
    IndexingReport report = index();
    assertThat(report.replaced()).isEqualTo(1);
    assertThat(report.images()).isEqualTo(1);
    assertThat(index.size()).isEqualTo(2);
    assertThat(index.get("photos/x/1.jpg#0").orElseThrow().embedding())
        .isNotEqualTo(old.embedding());
    // A photo without a face takes the faces away.
    javax.imageio.ImageIO.write(
        new java.awt.image.BufferedImage(64, 64, 1), "jpg", photo("x/1.jpg").toFile());
    assertThat(index().replaced()).isEqualTo(1);
    assertThat(sources(index)).containsExactly("photos/x/2.jpg");
  }

  @Test
  void anotherTimeAloneIsNoReplacement() throws Exception {
    copy(1, 1, "x/1.jpg");
    index();
    Files.setLastModifiedTime(photo("x/1.jpg"), FileTime.fromMillis(1_000_000_000_000L));
    IndexingReport report = index();
    assertThat(report.images()).isZero();
    assertThat(report.alreadyIndexed()).isEqualTo(1);
    assertThat(index.faces().get(0).face().stamp().orElseThrow().modified().toEpochMilli())
        .isEqualTo(1_000_000_000_000L);
  }

  @Test
  void aRenamedPhotoKeepsItsFaces() throws Exception {
    copy(1, 1, "Ann/1.jpg");
    copy(2, 1, "Ann/2.jpg");
    index();
    index.update(
        new EmbeddedFace(
            index.get("photos/Ann/2.jpg#0").get().face().withTag("year", 2026),
            index.get("photos/Ann/2.jpg#0").get().embedding()));
    Files.createDirectory(photo("Bob"));
    Files.move(photo("Ann/2.jpg"), photo("Bob/b.jpg"));
    IndexingReport report = index();
    assertThat(report.renamed()).isEqualTo(1);
    assertThat(report.images()).isZero();
    assertThat(report.gone()).isZero();
    FaceRecord face = index.get("photos/Bob/b.jpg#0").orElseThrow().face();
    assertThat(face.person()).contains("Bob");
    assertThat(face.tags()).containsKey("year");
    assertThat(index.size()).isEqualTo(2);
  }

  @Test
  void twoCopiesOfAPhotoThatIsGoneAreARenameAndANewPhoto() throws Exception {
    copy(1, 1, "x/1.jpg");
    index();
    copy(1, 1, "x/2.jpg");
    Files.move(photo("x/1.jpg"), photo("x/3.jpg"));
    IndexingReport report = index();
    assertThat(report.renamed()).isEqualTo(1);
    assertThat(report.images()).isEqualTo(1);
    assertThat(sources(index)).containsExactlyInAnyOrder("photos/x/2.jpg", "photos/x/3.jpg");
  }

  @Test
  void facesOfPhotosThatAreGoneAreRemovedAfterShowingHowMany() throws Exception {
    copy(1, 1, "x/1.jpg");
    copy(1, 2, "x/2.jpg");
    copy(1, 3, "x/3.jpg");
    index();
    Files.delete(photo("x/2.jpg"));
    assertThat(index().gone()).isEqualTo(1);
    assertThat(index.size()).isEqualTo(3);
    Gallery search = parts.on(index).open();
    PhotoRoot root = PhotoRoot.of(folder.resolve("photos"));
    Pruning plan = search.planPruning(PhotoSource.folder(root));
    assertThat(plan.photos()).containsExactly("photos/x/2.jpg");
    assertThat(plan.faces()).isEqualTo(1);
    assertThat(plan.warning()).isEmpty();
    assertThat(search.prune(plan)).isEqualTo(1);
    assertThat(sources(index)).containsExactly("photos/x/1.jpg", "photos/x/3.jpg");
    assertThat(search.planPruning(PhotoSource.folder(root)).photos()).isEmpty();
  }

  /** What it shows now is not known, so it is told; its faces stay until they are pruned. */
  @Test
  void aPhotoThatABrokenFileReplacedKeepsItsFacesUntilTheyArePruned() throws Exception {
    copy(1, 1, "x/1.jpg");
    copy(1, 2, "x/2.jpg");
    copy(1, 3, "x/3.jpg");
    index();
    Files.writeString(photo("x/1.jpg"), "no photo");
    Gallery search = parts.on(index).open();
    PhotoRoot root = PhotoRoot.of(folder.resolve("photos"));
    for (int i = 0; i < 2; i++) {
      IndexingReport report = index();
      assertThat(report.broken()).hasSize(1);
      assertThat(report.outdated()).isEqualTo(1);
      assertThat(report.gone()).isZero();
      assertThat(index.size()).isEqualTo(3);
    }
    Pruning plan = search.planPruning(PhotoSource.folder(root));
    assertThat(plan.photos()).isEmpty();
    assertThat(plan.broken()).containsExactly("photos/x/1.jpg");
    assertThat(plan.faces()).isEqualTo(1);
    assertThat(plan.warning()).isEmpty();
    copy(1, 1, "x/1.jpg");
    assertThat(search.prune(plan)).as("it is back").isZero();
    Files.writeString(photo("x/1.jpg"), "no photo");
    assertThat(search.prune(search.planPruning(PhotoSource.folder(root)))).isEqualTo(1);
    assertThat(sources(index)).containsExactly("photos/x/2.jpg", "photos/x/3.jpg");
    assertThat(index().outdated()).isZero();
    // Most of a folder: rather a disk that is damaged.
    Files.writeString(photo("x/2.jpg"), "no photo");
    Files.writeString(photo("x/3.jpg"), "no photo");
    assertThat(search.planPruning(PhotoSource.folder(root)).warning().orElseThrow())
        .contains("gone or broken");
  }

  @Test
  void tooLittleHeapForTheFacesIsSaidWithTheRemedy() throws Exception {
    copy(1, 1, "1.jpg");
    Gallery search =
        parts.on(index).analyzer(parts.analyzer().embedder(new OutOfHeap(parts.embedder()))).open();
    assertThatThrownBy(() -> search.addAll(PhotoSource.folder(folder.resolve("photos"))))
        .isInstanceOf(InsufficientMemoryException.class)
        .hasMessageContaining("raise -Xmx, or lower the number of threads");
  }

  /** Fails as the JVM does that has no room for a batch. */
  private record OutOfHeap(FaceEmbedder real) implements FaceEmbedder {
    @Override
    public ModelCard card() {
      return real.card();
    }

    @Override
    public List<Embedding> embed(List<FaceImage> chips) {
      throw new OutOfMemoryError("Java heap space");
    }

    @Override
    public void close() {}
  }

  /** A disk that is not mounted is an empty folder, or none. */
  @Test
  void anUnmountedDiskDoesNotEmptyTheGallery() throws Exception {
    copy(1, 1, "x/1.jpg");
    copy(1, 2, "x/2.jpg");
    index();
    Gallery search = parts.on(index).open();
    PhotoRoot root = PhotoRoot.of(folder.resolve("photos"));
    Path mounted = folder.resolve("mounted");
    Files.move(folder.resolve("photos"), mounted);
    for (boolean isThere : new boolean[] {false, true}) {
      if (isThere) {
        Files.createDirectory(folder.resolve("photos"));
      }
      Pruning plan = search.planPruning(PhotoSource.folder(root));
      assertThat(plan.faces()).isEqualTo(2);
      assertThat(plan.warning().orElseThrow()).contains("mounted");
      assertThatThrownBy(() -> search.prune(plan))
          .isInstanceOf(FaceSearchException.class)
          .hasMessageContaining("nothing was removed");
      assertThat(index.size()).isEqualTo(2);
    }
    Pruning plan = search.planPruning(PhotoSource.folder(root)).confirmed();
    Files.delete(folder.resolve("photos"));
    Files.move(mounted, folder.resolve("photos"));
    assertThat(search.prune(plan)).as("the photos are back").isZero();
    assertThat(index.size()).isEqualTo(2);
  }

  /** One face was removed by hand: its photo is not read again, and stops nothing. */
  @Test
  void aRemovedFaceStopsNothing() throws Exception {
    RealParts.group(photo("a/1.png"), RealParts.sample(1, 1), 1.0, RealParts.sample(2, 1), 1.0);
    copy(3, 1, "b/1.jpg");
    index();
    index.remove("photos/a/1.png#0");
    index.remove("photos/b/1.jpg#0");
    assertThat(index().images()).isEqualTo(1);
    assertThat(index.faces())
        .extracting(face -> face.face().id())
        .containsExactlyInAnyOrder("photos/a/1.png#1", "photos/b/1.jpg#0");
  }

  // Links

  @Test
  void aRootThatIsALinkIsResolved() throws Exception {
    copy(1, 1, "1.jpg");
    Path link = Files.createSymbolicLink(folder.resolve("current"), folder.resolve("photos"));
    IndexingReport report = parts.on(index).open().addAll(PhotoSource.folder(link));
    assertThat(report.faces()).isEqualTo(1);
    assertThat(sources(index)).containsExactly("current/1.jpg");
    assertThat(index().alreadyIndexed()).as("under the name that is known").isEqualTo(1);
  }

  @Test
  void linksAreCountedOrFollowedEachFileOnce() throws Exception {
    copy(1, 1, "x/1.jpg");
    Path other = folder.resolve("other");
    RealParts.copy(RealParts.sample(2, 1), other.resolve("2.jpg"));
    RealParts.copy(RealParts.sample(3, 1), folder.resolve("3.jpg"));
    Files.createSymbolicLink(photo("loop"), folder.resolve("photos"));
    Files.createSymbolicLink(photo("x/up"), folder);
    Files.createSymbolicLink(photo("a-other"), other);
    Files.createSymbolicLink(photo("b-other"), other);
    Files.createSymbolicLink(photo("3.jpg"), folder.resolve("3.jpg"));
    Files.createSymbolicLink(photo("self"), Path.of("self"));
    Files.createSymbolicLink(photo("nowhere.jpg"), Path.of("nothing"));
    IndexingReport counted = index();
    assertThat(counted.links()).isEqualTo(7);
    assertThat(sources(index)).containsExactly("photos/x/1.jpg");
    FlatIndex followed = new FlatIndex();
    IndexingReport report =
        parts
            .on(followed)
            .open()
            .addAll(PhotoSource.folder(folder.resolve("photos")).followLinks(true));
    assertThat(followed.faces().stream().map(face -> face.embedding()).distinct())
        .as("each photo once")
        .hasSize(followed.size());
    assertThat(sources(followed)).contains("photos/x/1.jpg", "photos/a-other/2.jpg");
    assertThat(report.broken())
        .extracting(file -> Path.of(file.photo()).getFileName().toString())
        .containsExactlyInAnyOrder("self", "nowhere.jpg");
    assertThat(report.broken()).noneMatch(file -> file.reason().contains("null"));
  }

  // Other people's files

  @Test
  void foldersAndFilesOfOtherSoftwareAreCountedApart() throws Exception {
    copy(1, 1, "x/1.jpg");
    for (String foreign :
        List.of(
            "@eaDir",
            "x/@EADIR",
            "#recycle",
            "@Recycle",
            "$RECYCLE.BIN",
            "System Volume Information",
            "__MACOSX",
            ".hidden",
            "lost+found")) {
      copy(2, 1, foreign + "/thumb.jpg");
    }
    copy(2, 1, "x/._1.jpg");
    Files.writeString(photo("x/Thumbs.db"), "x");
    Files.writeString(photo("x/.DS_Store"), "x");
    for (String sidecar :
        List.of("1.jpg.json", "1.xmp", "1.AAE", "notes.txt", "1.mp4", "1.MOV", "noending")) {
      Files.writeString(photo("x/" + sidecar), "BM: this is a text, not a photo");
    }
    Files.writeString(photo("x/damaged.jpg"), "this is not a JPEG");
    Files.write(photo("x/empty.png"), new byte[0]);
    copy(3, 1, "x/really-a-jpeg.txt");
    IndexingReport report = index();
    assertThat(sources(index)).containsExactly("photos/x/1.jpg", "photos/x/really-a-jpeg.txt");
    assertThat(report.notPhotos()).isEqualTo(7);
    assertThat(report.foreign()).isEqualTo(12);
    assertThat(report.broken())
        .extracting(file -> Path.of(file.photo()).getFileName().toString())
        .containsExactly("damaged.jpg", "empty.png");
    assertThat(report.files()).isEqualTo(4);
  }

  /** As by an unzip that takes the separators of Windows for letters. */
  @EnabledOnOs({OS.LINUX, OS.MAC})
  @Test
  void backslashesInNamesAreToldAndNobodyIsGuessed() throws Exception {
    copy(1, 1, "Ann\\1.jpg");
    copy(2, 1, "Bob\\1.jpg");
    copy(2, 2, "Bob/2.jpg");
    IndexingReport report = index();
    assertThat(report.backslashes()).isEqualTo(2);
    assertThat(report.faces()).isEqualTo(3);
    assertThat(index.faces())
        .filteredOn(face -> face.face().person().isPresent())
        .extracting(face -> face.face().id())
        .containsExactly("photos/Bob/2.jpg#0");
  }

  @Test
  @Timeout(60)
  void pipesAndDevicesAreNotOpened() throws Exception {
    copy(1, 1, "1.jpg");
    Process mkfifo =
        new ProcessBuilder("mkfifo", photo("pipe.jpg").toString(), photo("pipe").toString())
            .inheritIO()
            .start();
    assertThat(mkfifo.waitFor(10, TimeUnit.SECONDS) && mkfifo.exitValue() == 0).isTrue();
    Files.createSymbolicLink(photo("zero.jpg"), Path.of("/dev/zero"));
    IndexingReport report =
        parts
            .on(index)
            .open()
            .addAll(PhotoSource.folder(folder.resolve("photos")).followLinks(true));
    assertThat(report.faces()).isEqualTo(1);
    assertThat(report.notPhotos()).isEqualTo(3);
    assertThat(report.broken()).isEmpty();
  }

  /** Permissions do not stop root; a path that is too long stops everybody. */
  @Test
  void whatCannotBeReadHasItsReason() throws Exception {
    copy(1, 1, "1.jpg");
    String deep = "d".repeat(200);
    Path upper = photo((deep + "/").repeat(11));
    Path lower = folder.resolve((deep + "/").repeat(11));
    Files.createDirectories(upper);
    Files.createDirectories(lower);
    Path top = folder.resolve(deep);
    Files.move(top, upper.resolve(deep));
    Files.createSymbolicLink(photo("unreadable.jpg"), Path.of("/proc/self/mem"));
    try {
      IndexingReport report =
          parts
              .on(index)
              .open()
              .addAll(PhotoSource.folder(folder.resolve("photos")).followLinks(true));
      assertThat(report.faces()).isEqualTo(1);
      assertThat(report.broken()).hasSize(2);
      assertThat(report.broken())
          .allSatisfy(
              file ->
                  assertThat(file.reason())
                      .contains("cannot be read: ")
                      .doesNotContain("null")
                      .doesNotEndWith(": "));
      assertThat(report.broken().get(0).reason()).contains("File name too long");
      assertThat(report.broken().get(1).reason()).contains("Input/output error");
      // What lies there is not known, so it is not gone.
      index.add(
          new EmbeddedFace(
              new FaceRecord("deep", null, "photos" + ("/" + deep).repeat(22) + "/1.jpg", null),
              index.faces().get(0).embedding()));
      assertThat(
              parts
                  .on(index)
                  .open()
                  .planPruning(PhotoSource.folder(PhotoRoot.of(folder.resolve("photos"))))
                  .photos())
          .isEmpty();
    } finally {
      Files.move(upper.resolve(deep), top); // so that it can be deleted
    }
  }

  @Test
  void aRootThatCannotBeListedIsAnError() throws Exception {
    Gallery search = parts.on(index).open();
    assertThatThrownBy(() -> search.addAll(PhotoSource.folder(folder.resolve("nowhere"))))
        .isInstanceOf(NoSuchFileException.class);
    Path link = Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));
    assertThatThrownBy(() -> search.addAll(PhotoSource.folder(link)))
        .isInstanceOf(IOException.class);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }
}
