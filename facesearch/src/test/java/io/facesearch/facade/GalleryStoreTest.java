package io.facesearch.facade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.AnalyzedFace;
import io.facesearch.Decision;
import io.facesearch.DuplicateFaceException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceImage;
import io.facesearch.FaceImageReader;
import io.facesearch.FaceInfo;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.Forgotten;
import io.facesearch.Gallery;
import io.facesearch.GalleryCalibration;
import io.facesearch.IndexLockedException;
import io.facesearch.IndexingJob;
import io.facesearch.IndexingReport;
import io.facesearch.ModelMismatchException;
import io.facesearch.NamedPerson;
import io.facesearch.PeopleSnapshot;
import io.facesearch.Person;
import io.facesearch.PersonVerification;
import io.facesearch.Photo;
import io.facesearch.PhotoSource;
import io.facesearch.PhotoTags;
import io.facesearch.ReadOnlyGalleryException;
import io.facesearch.Search;
import io.facesearch.UnknownFaceException;
import io.facesearch.UnknownPersonException;
import io.facesearch.index.FlatIndex;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A gallery in a folder: what is added, told, corrected, forgotten and kept; with the real models.
 */
class GalleryStoreTest extends FolderGalleryTest {
  private void reopen() throws Exception {
    gallery.close();
    open();
  }

  private static FaceImage image(int person, int photo) throws Exception {
    return FaceImage.read(RealParts.sample(person, photo));
  }

  private static Embedding vector(Random random, float[] near, double spread) {
    float[] vector = new float[128];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) ((near == null ? 0 : near[i]) + spread * random.nextGaussian());
    }
    double norm = 0;
    for (float v : vector) {
      norm += (double) v * v;
    }
    for (int i = 0; i < vector.length; i++) {
      vector[i] /= (float) Math.sqrt(norm);
    }
    return Embedding.of(analyzer.model().fingerprint(), vector);
  }

  @Test
  void aPhotoIsAddedWithPersonAndTagsAndIsThereAfterwards() throws Exception {
    List<EmbeddedFace> added =
        gallery.add(photo(1, 1).person("Ann").tag("camera", "door").tag("year", 2026));
    assertThat(added).hasSize(1);
    reopen();
    FaceRecord face = gallery.get("p1/1.jpg#0").orElseThrow().face();
    assertThat(face.person()).contains("Ann");
    assertThat(face.tags().keySet()).containsExactly("camera", PhotoTags.QUALITY, "year");
    FaceFilter door =
        FaceFilter.tag("camera", "door").and(FaceFilter.tagBetween("year", 2026, 2026));
    assertThat(gallery.search(image(1, 2), Search.nearest(3).where(door)).orThrow()).hasSize(1);
    assertThat(gallery.search(image(1, 2), Search.nearest(3).where(door.not())).orThrow())
        .isEmpty();
    assertThatThrownBy(() -> gallery.add(photo(1, 1))).isInstanceOf(DuplicateFaceException.class);
  }

  /** The name of a file is that below its folder, so that indexing the folder adds nothing. */
  @Test
  void aFileOfAKnownFolderHasItsNameThere() throws Exception {
    RealParts.copy(RealParts.sample(1, 1), folder.resolve("photos/Ann/1.jpg"));
    gallery.addAll(PhotoSource.folder(folder.resolve("photos")));
    Path second = folder.resolve("photos/Ann/2.jpg");
    RealParts.copy(RealParts.sample(1, 2), second);
    gallery.add(Photo.of(second).person("Ann"));
    assertThat(gallery.get("photos/Ann/2.jpg#0")).isPresent();
    IndexingReport again = gallery.addAll(PhotoSource.folder(folder.resolve("photos")));
    assertThat(again.alreadyIndexed()).isEqualTo(2);
    assertThat(gallery.size()).isEqualTo(2);
  }

  @Test
  void isThisAnn() throws Exception {
    for (int person = 1; person <= 8; person++) {
      gallery.add(photo(person, 1).person("person " + person));
      gallery.add(photo(person, 2).person("person " + person));
    }
    PersonVerification.Compared own =
        (PersonVerification.Compared) gallery.verify(image(3, 4), "person 3");
    assertThat(own.decision()).isEqualTo(Decision.SAME);
    assertThat(own.match().photos()).isEqualTo(2);
    assertThat(own.threshold().falseAcceptRate()).isBetween(1e-6, 0.01);
    PersonVerification.Compared other =
        (PersonVerification.Compared) gallery.verify(image(3, 4), "person 4");
    assertThat(other.decision()).isEqualTo(Decision.DIFFERENT);
    FaceImage nothing = FaceImage.ofRgb(60, 40, new byte[3 * 60 * 40]);
    assertThat(gallery.verify(nothing, "person 3"))
        .isEqualTo(new PersonVerification.NoFace(60, 40));
    assertThatThrownBy(() -> gallery.verify(image(3, 4), "Nobody"))
        .isInstanceOf(UnknownPersonException.class)
        .hasMessageContaining("Nobody");
  }

  @Test
  void aSearchLikeAFaceThatIsThereIsWithoutItself() throws Exception {
    gallery.add(photo(1, 1).person("Ann"));
    gallery.add(photo(1, 2).person("Ann"));
    gallery.add(photo(2, 1).person("Bob"));
    assertThat(gallery.search("p1/1.jpg#0", Search.nearest(9)).matches())
        .extracting(match -> match.face().id())
        .containsExactly("p1/2.jpg#0", "p2/1.jpg#0");
    assertThatThrownBy(() -> gallery.search("nobody", Search.nearest(1)))
        .isInstanceOf(UnknownFaceException.class);
  }

  @Test
  void vectorsOfOnesOwn() {
    Random random = new Random(5);
    Embedding ann = vector(random, null, 1);
    FaceRecord record = gallery.add(ann, FaceInfo.person("Ann").id("crm-1").tag("from", "badge"));
    assertThat(record.id()).isEqualTo("crm-1");
    FaceRecord made = gallery.add(vector(random, null, 1), FaceInfo.nothing());
    assertThat(gallery.get(made.id())).isPresent();
    assertThat(gallery.identify(ann).person()).contains("Ann");
    assertThatThrownBy(() -> gallery.add(Embedding.of("other", new float[128]), FaceInfo.nothing()))
        .isInstanceOf(ModelMismatchException.class)
        .hasMessageContaining("other");
  }

  /** Also into an empty gallery, which no photo could be searched in afterwards. */
  @Test
  void vectorsOfAnotherModelAreRefusedFromTheBeginning() {
    assertThatThrownBy(() -> gallery.add(Embedding.of("other", new float[128]), FaceInfo.nothing()))
        .isInstanceOf(ModelMismatchException.class);
    assertThat(gallery.size()).isZero();
  }

  @Test
  void peopleAreNamedMergedAndCorrected() throws Exception {
    for (int photo = 1; photo <= 3; photo++) {
      gallery.add(photo(1, photo));
      gallery.add(photo(2, photo));
    }
    List<Person> people = gallery.people();
    assertThat(people).hasSize(2);
    gallery.name(people.get(0).faceIds(), "Ann");
    assertThat(gallery.names()).extracting(NamedPerson::name).containsExactly("Ann");
    Person other =
        gallery.people().stream().filter(p -> p.name().isEmpty()).findFirst().orElseThrow();
    gallery.unname(List.of(people.get(0).faceIds().get(0)));
    assertThat(gallery.names().get(0).faces()).isEqualTo(2);
    assertThatThrownBy(() -> gallery.name(List.of(other.faceIds().get(0), "nobody"), "Bob"))
        .isInstanceOf(UnknownFaceException.class);
    assertThat(gallery.names()).hasSize(1);
    gallery.name(other.faceIds(), "Bob");
    reopen();
    assertThat(gallery.names()).extracting(NamedPerson::name).containsExactly("Ann", "Bob");
  }

  @Test
  void correctionsAreTakenBack() throws Exception {
    for (int photo = 1; photo <= 3; photo++) {
      gallery.add(photo(1, photo));
      gallery.add(photo(2, photo));
    }
    List<Person> before = gallery.people();
    Person first = before.get(0);
    PeopleSnapshot snapshot = gallery.snapshot(first.faceIds());
    gallery.name(first.faceIds(), "Ann");
    gallery.restore(snapshot);
    assertThat(gallery.names()).isEmpty();
    assertThat(gallery.people()).isEqualTo(before);

    String one = first.faceIds().get(0);
    snapshot = gallery.snapshot(List.of(one));
    Person other = gallery.reject(first.id(), List.of(one));
    assertThat(other.faceIds()).containsExactly(one);
    assertThat(gallery.people()).hasSize(3);
    gallery.restore(snapshot);
    assertThat(gallery.people()).isEqualTo(before);
    gallery.remove(one);
    gallery.restore(snapshot);
    assertThat(gallery.get(one)).as("what is gone stays gone").isEmpty();
    assertThat(gallery.people()).hasSize(2);
  }

  @Test
  void aRejectedFaceDoesNotComeBackToThePerson() throws Exception {
    for (int photo = 1; photo <= 3; photo++) {
      gallery.add(photo(1, photo).person("Ann"));
    }
    Person ann = gallery.people().get(0);
    String one = ann.faceIds().get(1);
    gallery.reject(ann.id(), List.of(one));
    reopen();
    assertThat(gallery.get(one).orElseThrow().face().person()).isEmpty();
    assertThat(gallery.people()).hasSize(2);
    assertThat(gallery.similar(gallery.people().get(0).id())).isEmpty();
    assertThatThrownBy(() -> gallery.reject(gallery.people().get(0).id(), List.of("nobody")))
        .isInstanceOf(IllegalArgumentException.class);
    Person rest = gallery.people().get(0);
    assertThat(gallery.reject(rest.id(), rest.faceIds()).name()).isEmpty();
    assertThat(gallery.names()).isEmpty();
  }

  @Test
  void doubtfulFacesOfAPersonComeFirst() throws Exception {
    for (int photo = 1; photo <= 3; photo++) {
      gallery.add(photo(1, photo).person("Ann"));
    }
    gallery.add(photo(1, 4)); // like Ann, but nobody has said so
    Person ann = gallery.people().get(0);
    assertThat(ann.faceIds()).hasSize(4);
    List<FaceMatch> faces = gallery.faces(ann);
    assertThat(faces).hasSize(4);
    assertThat(faces.get(0).face().person()).isEmpty();
    assertThat(faces.subList(1, 4))
        .extracting(FaceMatch::distance)
        .isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(gallery.inPhotoOf(faces.get(0).face())).containsExactly(faces.get(0).face());
  }

  @Test
  void aFaceWithItsCropGoesWithItsCrop() throws Exception {
    FaceImage photo = image(4, 1);
    AnalyzedFace face = analyzer.analyze(photo).get(0);
    FaceRecord added = gallery.addFace(photo, face, FaceInfo.person("Dan"));
    gallery.addFace(photo, face, FaceInfo.nothing());
    reopen();
    assertThat(gallery.hasCrop(added)).isTrue();
    FaceImage crop = gallery.readPhoto(added, FaceImageReader.DEFAULT).orElseThrow();
    assertThat(analyzer.detect(crop)).isNotEmpty();
    assertThat(gallery.identify(crop).get(0).person()).contains("Dan");
    assertThat(crops()).hasSize(2);
    Forgotten done = gallery.forget("Dan");
    assertThat(done.receipt().faces()).isOne();
    assertThat(done.photosDeleted()).isOne();
    assertThat(done.photosLeft()).isEmpty();
    assertThat(crops()).hasSize(1);
    assertThat(gallery.remove(gallery.faces().get(0).face().id())).isTrue();
    assertThat(crops()).isEmpty();
  }

  private List<Path> crops() throws Exception {
    Path photos = folder.resolve("faces/.photos");
    if (!Files.exists(photos)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(photos)) {
      return files.toList();
    }
  }

  /** What a kill between crop and face leaves. */
  @Test
  void aCropWithoutAFaceIsDeletedAtTheNextOpening() throws Exception {
    gallery.storage().photos().add(new byte[] {1, 2, 3});
    assertThat(crops()).hasSize(1);
    reopen();
    assertThat(crops()).isEmpty();
  }

  @Test
  void forgettingTellsWhichFilesAreLeft() throws Exception {
    RealParts.copy(RealParts.sample(1, 1), folder.resolve("photos/Ann/1.jpg"));
    RealParts.copy(RealParts.sample(2, 1), folder.resolve("photos/Bob/1.jpg"));
    gallery.addAll(PhotoSource.folder(folder.resolve("photos")));
    Forgotten done = gallery.forget("Ann");
    assertThat(done.photosLeft()).containsExactly(folder.toRealPath().resolve("photos/Ann/1.jpg"));
    assertThat(gallery.names()).extracting(NamedPerson::name).containsExactly("Bob");
  }

  /** Forgotten while a run goes on, and wanted again. */
  @Test
  void aRunDoesNotBringBackWhoWasForgotten() throws Exception {
    for (int photo = 1; photo <= 3; photo++) {
      RealParts.copy(RealParts.sample(1, photo), folder.resolve("photos/Ann/" + photo + ".jpg"));
      RealParts.copy(RealParts.sample(2, photo), folder.resolve("photos/Bob/" + photo + ".jpg"));
    }
    gallery.addAll(
        PhotoSource.folder(folder.resolve("photos")),
        progress -> {
          if (progress.done() == 0) {
            gallery.forget("Ann");
          }
          return true;
        });
    assertThat(gallery.names()).extracting(NamedPerson::name).containsExactly("Bob");
    gallery.add(photo(1, 1).person("Ann"));
    assertThat(gallery.names()).extracting(NamedPerson::name).containsExactly("Ann", "Bob");
  }

  @Test
  void aStreamIsAddedAndGoesOnWhereItStopped() throws Exception {
    IndexingReport stopped =
        gallery.addAll(PhotoSource.of(photos().stream()), progress -> progress.done() < 16);
    assertThat(stopped.cancelled()).isTrue();
    assertThat(gallery.size()).isBetween(16, 31);
    IndexingReport rest = gallery.addAll(PhotoSource.of(photos()));
    assertThat(rest.cancelled()).isFalse();
    assertThat(rest.alreadyIndexed()).isEqualTo(gallery.size() - rest.faces());
    assertThat(rest.images() + rest.alreadyIndexed() + rest.broken().size()).isEqualTo(42);
    assertThat(rest.broken())
        .extracting(one -> one.photo())
        .containsExactlyInAnyOrder("cut", "gone");
    assertThat(gallery.names()).hasSize(10);
  }

  /** Of ten people, and two that are broken. */
  private static List<Photo> photos() {
    List<Photo> photos = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      photos.add(photo(i / 4 + 1, i % 4 + 1).person("person " + (i / 4 + 1)));
    }
    photos.add(Photo.of("cut", new byte[] {(byte) 0xff, (byte) 0xd8, 3}));
    photos.add(
        Photo.of(
            "gone",
            () -> {
              throw new java.io.FileNotFoundException("the bucket has no such key");
            }));
    return photos;
  }

  @Test
  void aGroupPhotoInAStreamNamesAtMostOne() throws Exception {
    Path group = folder.resolve("group.png");
    RealParts.group(group, RealParts.sample(2, 3), 1.0, RealParts.sample(1, 3), 1.0);
    gallery.addAll(
        PhotoSource.of(
            Stream.of(Photo.of(group).named("group").person("Ann"), photo(1, 1).person("Ann"))));
    assertThat(gallery.faces())
        .filteredOn(face -> face.face().person().equals(Optional.of("Ann")))
        .hasSize(2);
    assertThat(gallery.identify(image(2, 1)).get(0).person()).isEmpty();
    assertThat(gallery.identify(image(1, 2)).get(0).person()).contains("Ann");
  }

  @Test
  void aJobIsWatchedAndCancelled() throws Exception {
    IndexingJob job = gallery.start(PhotoSource.of(photos()));
    IndexingReport report = job.await();
    assertThat(report.images()).isEqualTo(40);
    assertThat(job.progress().orElseThrow().done()).isEqualTo(42);
    assertThat(job.progress().orElseThrow().total()).hasValue(42);
    assertThat(job.progress().orElseThrow().photosPerSecond()).isPositive();
    Stream<Photo> endless =
        IntStream.iterate(0, i -> i + 1).mapToObj(i -> photo(1, 1).named("copy " + i));
    IndexingJob forever = gallery.start(PhotoSource.of(endless));
    CompletableFuture<IndexingReport> end = forever.completion().toCompletableFuture();
    while (forever.progress().isEmpty() || forever.progress().get().done() == 0) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertThat(forever.isDone()).isFalse();
    forever.cancel();
    assertThat(end.get(60, TimeUnit.SECONDS).cancelled()).isTrue();
    IndexingJob failing = gallery.start(PhotoSource.folder(folder.resolve("nowhere")));
    assertThatThrownBy(failing::await).isInstanceOf(java.io.IOException.class);
  }

  @Test
  void closingStopsAJob() throws Exception {
    Stream<Photo> endless =
        IntStream.iterate(0, i -> i + 1).mapToObj(i -> photo(1, 1).named("copy " + i));
    IndexingJob job = gallery.start(PhotoSource.of(endless));
    while (job.progress().isEmpty()) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    gallery.close();
    assertThat(job.isDone()).isTrue();
    assertThatThrownBy(() -> gallery.people()).isInstanceOf(IllegalStateException.class);
    open();
  }

  @Test
  void theGalleryDecidesByWhatWasMeasuredOnIt() throws Exception {
    long seed = 11;
    Random random = new Random(seed);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int p = 0; p < 300; p++) {
      float[] person = vector(random, null, 1).toArray();
      for (int i = 0; i < 3; i++) {
        faces.add(
            new EmbeddedFace(
                FaceRecord.of(p + ":" + i, "person " + p), vector(random, person, 0.05)));
      }
    }
    assertThatThrownBy(() -> gallery.calibrate())
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("at least 500 faces");
    gallery.addFaces(faces);
    double before = gallery.threshold().distance();
    GalleryCalibration measured = gallery.calibrate();
    assertThat(measured.strangers().value()).isLessThanOrEqualTo(0.01);
    assertThat(measured.known().value()).isGreaterThan(0.99);
    assertThat(measured.people()).isEqualTo(300);
    assertThat(gallery.threshold().distance())
        .isNotEqualTo(before)
        .isCloseTo(measured.distance(), org.assertj.core.api.Assertions.within(0.01));
    assertThat(gallery.threshold().falseAcceptRate()).isEqualTo(0.01);
    // New strangers of the same kind.
    int named = 0;
    for (int i = 0; i < 2000; i++) {
      named += gallery.identify(vector(random, null, 1)).person().isPresent() ? 1 : 0;
    }
    assertThat(named).isBetween(2, 60);
    double kept = gallery.threshold().distance();
    reopen();
    assertThat(gallery.threshold().distance()).isEqualTo(kept);
    try (Gallery other = Gallery.builder().analyzer(analyzer).index(new FlatIndex()).open()) {
      other.addFaces(faces);
      assertThat(other.threshold().distance()).isEqualTo(before);
    }
  }

  @Test
  void aBackupIsAGallery() throws Exception {
    gallery.add(photo(1, 1).person("Ann"));
    FaceImage photo = image(2, 1);
    FaceRecord bob = gallery.addFace(photo, analyzer.analyze(photo).get(0), FaceInfo.person("Bob"));
    gallery.backup(folder.resolve("backup"));
    try (Gallery copy =
        Gallery.builder().folder(folder.resolve("backup")).analyzer(analyzer).open()) {
      assertThat(copy.faces()).isEqualTo(gallery.faces());
      assertThat(copy.hasCrop(bob)).isTrue();
    }
  }

  @Test
  void aGalleryThatIsOnlyReadIsNotChanged() throws Exception {
    gallery.add(photo(1, 1).person("Ann"));
    gallery.close();
    try (Gallery read =
        Gallery.builder()
            .folder(folder.resolve("faces"))
            .analyzer(analyzer)
            .readOnly(true)
            .open()) {
      assertThat(read.identify(image(1, 2)).get(0).person()).contains("Ann");
      for (org.assertj.core.api.ThrowableAssert.ThrowingCallable change :
          List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
              () -> read.add(photo(1, 2)),
              () -> read.addAll(PhotoSource.folder(folder)),
              () -> read.start(PhotoSource.folder(folder)),
              () -> read.forget("Ann"),
              () -> read.remove("p1/1.jpg#0"),
              () -> read.name(List.of("p1/1.jpg#0"), "Bob"),
              () -> read.calibrate())) {
        assertThatThrownBy(change).isInstanceOf(ReadOnlyGalleryException.class);
      }
      assertThat(read.size()).isOne();
    }
    open();
  }

  @Test
  void oneProcessHasItOpen() {
    assertThatThrownBy(
            () -> Gallery.builder().folder(folder.resolve("faces")).analyzer(analyzer).open())
        .isInstanceOf(IndexLockedException.class);
  }
}
