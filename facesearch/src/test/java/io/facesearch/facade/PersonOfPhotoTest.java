package io.facesearch.facade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.Decision;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceImage;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.IndexingReport;
import io.facesearch.IndexingReport.CrowdedPhoto;
import io.facesearch.IndexingReport.NamedBy;
import io.facesearch.ModelMismatchException;
import io.facesearch.Photo;
import io.facesearch.PhotoSource;
import io.facesearch.Search;
import io.facesearch.index.FlatIndex;
import io.facesearch.store.FaceStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is who in photos of a person in which there are others; with the real models. */
class PersonOfPhotoTest {
  private static RealParts parts;
  @TempDir private Path folder;
  private final FlatIndex index = new FlatIndex();

  @BeforeAll
  static void open() {
    parts = new RealParts();
  }

  @AfterAll
  static void close() throws Exception {
    parts.close();
  }

  private static Path ann(int photo) {
    return RealParts.sample(1, photo);
  }

  private static Path bob(int photo) {
    return RealParts.sample(2, photo);
  }

  private IndexingReport index() throws Exception {
    return parts.on(index).open().addAll(PhotoSource.folder(folder.resolve("photos")));
  }

  private Path photo(String name) {
    return folder.resolve("photos").resolve(name);
  }

  private List<String> names() {
    return index.faces().stream().map(face -> face.face().person().orElse("-")).toList();
  }

  private FaceMatch nearest(Path query) throws Exception {
    return parts.on(index).open().search(FaceImage.read(query), Search.nearest(1)).orThrow().get(0);
  }

  /** The example of the issue. */
  @Test
  void aBystanderIsNotFoundAsTheOneWhosePhotoItIs() throws Exception {
    RealParts.copy(ann(1), photo("Ann/1.jpg"));
    RealParts.group(photo("Ann/group.png"), bob(3), 1.0, ann(3), 1.0);
    IndexingReport report = index();
    assertThat(names()).containsExactlyInAnyOrder("Ann", "Ann", "-");
    Gallery search = parts.on(index).open();
    FaceMatch bystander = nearest(bob(1));
    assertThat(search.pairThreshold().decide(bystander.distance())).isEqualTo(Decision.SAME);
    assertThat(bystander.face().source()).contains("photos/Ann/group.png");
    assertThat(bystander.face().person()).isEmpty();
    assertThat(bystander.face().photoOf()).contains("Ann");
    assertThat(nearest(ann(2)).face().person()).contains("Ann");
    assertThat(report.crowded())
        .containsExactly(
            new CrowdedPhoto(
                folder.toRealPath().resolve("photos/Ann/group.png").toString(),
                "Ann",
                2,
                NamedBy.OTHER_PHOTOS));
  }

  /** In the order of names it comes first, but is decided last. */
  @Test
  void anOlderPhotoIsDecidedByLaterOnes() throws Exception {
    RealParts.group(photo("Ann/a-group.png"), bob(3), 1.0, ann(3), 0.8);
    RealParts.copy(ann(1), photo("Ann/b.jpg"));
    RealParts.copy(ann(2), photo("Ann/c.jpg"));
    index();
    assertThat(names()).containsExactlyInAnyOrder("Ann", "Ann", "Ann", "-");
    assertThat(nearest(bob(1)).face().person()).isEmpty();
  }

  @Test
  void theLargestIsMeantIfItIsClearlyTheLargest() throws Exception {
    RealParts.group(photo("Ann/group.png"), ann(3), 1.0, bob(3), 0.55);
    IndexingReport report = index();
    assertThat(report.crowded()).extracting(CrowdedPhoto::namedBy).containsExactly(NamedBy.SIZE);
    assertThat(nearest(ann(1)).face().person()).contains("Ann");
    assertThat(nearest(bob(1)).face().person()).isEmpty();
  }

  @Test
  void nobodyIsNamedWhereNothingTells() throws Exception {
    RealParts.group(photo("Ann/group.png"), ann(3), 1.0, bob(3), 1.0);
    IndexingReport report = index();
    assertThat(report.crowded()).extracting(CrowdedPhoto::namedBy).containsExactly(NamedBy.NOTHING);
    assertThat(names()).containsExactly("-", "-");
    // Another photo tells it, although the group is indexed already.
    RealParts.copy(ann(1), photo("Ann/z.jpg"));
    index();
    assertThat(names()).containsExactlyInAnyOrder("-", "Ann", "Ann");
    assertThat(nearest(bob(1)).face().person()).isEmpty();
  }

  @Test
  void othersAreLeftAwayByAnOption() throws Exception {
    RealParts.copy(ann(1), photo("Ann/1.jpg"));
    RealParts.group(photo("Ann/group.png"), ann(3), 1.0, bob(3), 1.0);
    parts.on(index).bystanders(false).open().addAll(PhotoSource.folder(folder.resolve("photos")));
    assertThat(names()).containsExactly("Ann", "Ann");
    FlatIndex portraits = new FlatIndex();
    parts.on(portraits).allFaces(false).open().addAll(PhotoSource.folder(folder.resolve("photos")));
    assertThat(portraits.faces()).isEqualTo(index.faces());
  }

  @Test
  void aPhotoThatIsAddedAloneFollowsTheSameRule() throws Exception {
    Gallery search = parts.on(index).open();
    RealParts.group(photo("group.png"), bob(3), 1.0, ann(3), 1.0);
    FaceImage group = FaceImage.read(photo("group.png"));
    assertThat(search.add(Photo.of("first", group).person("Ann")))
        .extracting(face -> face.face().person())
        .containsExactly(Optional.empty(), Optional.empty());
    search.add(Photo.of("ann", FaceImage.read(ann(1))).person("Ann"));
    List<EmbeddedFace> added = search.add(Photo.of("second", group).person("Ann"));
    assertThat(added)
        .filteredOn(face -> face.face().person().isPresent())
        .singleElement()
        .satisfies(
            face ->
                assertThat(face.embedding().distanceTo(index.get("ann#0").get().embedding()))
                    .isLessThan(search.pairThreshold().distance()));
  }

  /** A face that may be hers must not outlive her being forgotten. */
  @Test
  void forgettingTakesTheNamelessFacesOfHerPhotosToo() throws Exception {
    RealParts.group(photo("Ann/group.png"), ann(3), 1.0, bob(3), 1.0);
    RealParts.copy(bob(1), photo("Bob/1.jpg"));
    index();
    try (FaceStore store = FaceStore.open(folder.resolve("store"))) {
      store.addAll(index.faces());
      assertThat(store.forget("Ann").faces()).isEqualTo(2);
      assertThat(store.faces())
          .extracting(face -> face.face().source().get())
          .containsExactly("photos/Bob/1.jpg");
    }
    assertThat(index.forget("Ann").faces()).isEqualTo(2);
    assertThat(Files.exists(photo("Ann/group.png"))).isTrue();
  }

  /** As on a cluster: the faces come without names, in any order, and not all at once. */
  @Test
  void photosThatWereEmbeddedElsewhereAreNamedAsThoseOfTheFolder() throws Exception {
    RealParts.group(photo("Ann/a-agrees.png"), bob(3), 1.0, ann(3), 1.0);
    RealParts.copy(ann(1), photo("Ann/b.jpg"));
    RealParts.copy(ann(2), photo("Ann/c.jpg"));
    RealParts.group(photo("Bob/largest.png"), bob(3), 1.0, ann(3), 0.55);
    RealParts.group(photo("Carl/nobody.png"), ann(3), 1.0, bob(3), 1.0);
    RealParts.copy(bob(1), photo("of-nobody.jpg"));
    IndexingReport direct = index();
    assertThat(names()).contains("Ann", "Bob", "-").doesNotContain("Carl");

    FlatIndex other = new FlatIndex();
    Gallery gallery = parts.on(other).open();
    List<EmbeddedFace> faces =
        new ArrayList<>(index.faces().stream().map(PersonOfPhotoTest::nameless).toList());
    Collections.reverse(faces); // the photos; the faces of one stay in order, as they are numbered
    faces.sort(Comparator.comparing(face -> face.face().id().replaceAll(".*#", "")));
    Predicate<EmbeddedFace> isAnns = face -> face.face().photoOf().equals(Optional.of("Ann"));
    IndexingReport first = gallery.addEmbedded(faces.stream().filter(isAnns).toList());
    assertThat(first.faces()).isEqualTo(4);
    IndexingReport all = gallery.addEmbedded(faces); // Ann's are there
    assertThat(all.alreadyIndexed()).isEqualTo(3);
    assertThat(all.files()).isEqualTo(6);
    assertThat(other.faces()).containsExactlyInAnyOrderElementsOf(index.faces());
    assertThat(first.faces() + all.faces()).isEqualTo(direct.faces());
    assertThat(gallery.addEmbedded(faces).faces()).isZero();
    assertThat(other.faces()).hasSameSizeAs(index.faces());
  }

  @Test
  void embeddedFacesThatCannotBeAddedAreRefused() throws Exception {
    Gallery gallery = parts.on(index).open();
    EmbeddedFace face = gallery.add(Photo.of("one", FaceImage.read(ann(1)))).get(0);
    EmbeddedFace alone = new EmbeddedFace(FaceRecord.of("alone"), face.embedding());
    assertThatThrownBy(() -> gallery.addEmbedded(List.of(alone)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"alone\" has no source");
    EmbeddedFace foreign =
        new EmbeddedFace(
            new FaceRecord("two#0", null, "two", null),
            Embedding.of("other", face.embedding().toArray()));
    assertThatThrownBy(() -> gallery.addEmbedded(List.of(foreign)))
        .isInstanceOf(ModelMismatchException.class);
    assertThat(index.faces()).hasSize(1);
  }

  private static EmbeddedFace nameless(EmbeddedFace face) {
    FaceRecord r = face.face();
    FaceRecord without =
        new FaceRecord(
            r.id(),
            null,
            r.source().orElse(null),
            r.box().orElse(null),
            r.tags(),
            r.photoOf().orElse(null),
            r.stamp().orElse(null));
    return new EmbeddedFace(without, face.embedding());
  }
}
