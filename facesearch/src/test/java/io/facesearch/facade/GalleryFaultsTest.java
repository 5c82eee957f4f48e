package io.facesearch.facade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.DuplicateFaceException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceInfo;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.Gallery;
import io.facesearch.IndexingJob;
import io.facesearch.IndexingReport;
import io.facesearch.ModelMismatchException;
import io.facesearch.NamedPerson;
import io.facesearch.Photo;
import io.facesearch.PhotoSource;
import io.facesearch.index.FlatIndex;
import io.facesearch.store.FaceStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterators;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What once went wrong with galleries, and what like it might. */
class GalleryFaultsTest extends FolderGalleryTest {
  private static List<Photo> photosOf(int person, String name) {
    List<Photo> photos = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      photos.add(photo(person, i).person(name));
    }
    return photos;
  }

  /** Two faces. */
  private Photo group(String name) throws Exception {
    Path file = folder.resolve(name + ".png");
    RealParts.group(file, RealParts.sample(2, 3), 1.0, RealParts.sample(1, 3), 1.0);
    return Photo.of(file).named(name);
  }

  @Test
  void facesThatNoGalleryKeepsAreRefusedWithWords() {
    String model = gallery.analyzer().model().fingerprint();
    float[] zeros = new float[gallery.analyzer().model().dimension()];
    float[] some = zeros.clone();
    some[3] = 1;
    EmbeddedFace sound =
        new EmbeddedFace(new FaceRecord("a.jpg#0", null, "a.jpg", null), Embedding.of(model, some));
    List<FaceRecord> wrong =
        List.of(FaceRecord.of("a\nb"), FaceRecord.of("a\uD800"), FaceRecord.of("x".repeat(10_001)));
    for (FaceRecord one : wrong) {
      refused("the id of a face must", new EmbeddedFace(one, sound.embedding()));
    }
    refused(
        "\"z\" must not be zero, but all its 128 numbers are 0",
        new EmbeddedFace(
            new FaceRecord("z", null, "z.jpg", null), Embedding.of(model, zeros.clone())));
    refused("face 2 of 2 is null", sound, null);
    assertThatThrownBy(() -> gallery.addFaces(null)).hasMessageContaining("list of faces is null");
    assertThatThrownBy(() -> gallery.add((Embedding) null, FaceInfo.nothing()))
        .hasMessageContaining("the vector is null; expected one of the gallery");
    assertThatThrownBy(() -> gallery.add(Embedding.of(model, zeros), FaceInfo.nothing()))
        .hasMessageContaining("must not be zero");
    assertThatThrownBy(() -> FaceInfo.nothing().id("a\tb")).hasMessageContaining("U+0009");
    zeros[5] = Float.NaN;
    assertThatThrownBy(() -> Embedding.of(model, zeros)).hasMessageContaining("value 5 of 128");
    assertThat(gallery.size()).isZero();
    gallery.addEmbedded(List.of(sound));
    assertThat(gallery.size()).isOne();
  }

  private void refused(String words, EmbeddedFace... faces) {
    List<EmbeddedFace> list = Arrays.asList(faces);
    assertThatThrownBy(() -> gallery.addFaces(list))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(words);
    assertThatThrownBy(() -> gallery.addEmbedded(list))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(words);
  }

  @Test
  void aFaceThatWasRenamedSurvivesForgettingAndLosingItsName() throws Exception {
    gallery.add(photo(1, 1).person("Ann"));
    gallery.name(List.of("p1/1.jpg#0"), "Bob");
    gallery.forget("Ann");
    gallery.unname(List.of("p1/1.jpg#0"));
    assertThat(gallery.size()).isOne();
    assertThat(gallery.names()).isEmpty();
  }

  /** Also where a face of another is kept in a photo of theirs. */
  @Test
  void theNameOfWhoWasForgottenIsInNoFile() throws Exception {
    gallery.add(photo(1, 1).person("Zebulon"));
    gallery.name(List.of("p1/1.jpg#0"), "Bob");
    gallery.forget("Zebulon");
    gallery.close();
    try (Stream<Path> files = Files.walk(folder.resolve("faces"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain("Zebulon");
      }
    }
    open();
    assertThat(gallery.names()).extracting(NamedPerson::name).containsExactly("Bob");
  }

  @Test
  void whoWasForgottenIsAddedByALaterRun() throws Exception {
    gallery.addAll(PhotoSource.of(photosOf(1, "Ann")));
    gallery.forget("Ann");
    assertThat(gallery.addAll(PhotoSource.of(photosOf(1, "Ann"))).faces()).isEqualTo(4);
    assertThat(gallery.size()).isEqualTo(4);
  }

  @Test
  void aReportCountsWhatIsThere() throws Exception {
    List<Photo> photos = photosOf(1, "Ann");
    photos.addAll(photosOf(2, "Bob"));
    IndexingReport report =
        gallery.addAll(
            PhotoSource.of(photos),
            progress -> {
              if (progress.done() == 0) {
                gallery.forget("Ann");
              }
              return true;
            });
    assertThat(report.faces()).isEqualTo(gallery.size()).isEqualTo(4);
  }

  /** A camera or a queue: what came is there, stopping is heard, closing does not hang. */
  @Test
  @Timeout(120)
  void aStreamThatPausesHoldsNothingUp() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    IndexingJob job = gallery.start(PhotoSource.of(pausingAfter(photosOf(1, "Ann"), never)));
    while (gallery.size() < 4) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    assertThat(job.isDone()).isFalse();
    job.cancel();
    assertThat(job.await().cancelled()).isTrue();
    gallery.start(PhotoSource.of(pausingAfter(photosOf(2, "Bob"), never)));
    gallery.start(
        PhotoSource.of(
            List.of(
                Photo.of(
                    "blocks",
                    () -> {
                      try {
                        never.await();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                      throw new java.io.IOException("interrupted");
                    }))));
    gallery.close();
    open();
  }

  private static Stream<Photo> pausingAfter(List<Photo> photos, CountDownLatch until) {
    Iterator<Photo> first = photos.iterator();
    Iterator<Photo> all =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public Photo next() {
            if (!first.hasNext()) {
              try {
                until.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
              }
            }
            return first.next();
          }
        };
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(all, 0), false);
  }

  /** Not even at the end of a stream that has none. */
  @Test
  @Timeout(120)
  void aGroupPhotoDoesNotWaitForEver() throws Exception {
    List<Photo> photos = photosOf(1, "Ann");
    photos.add(0, group("group").person("Ann"));
    IndexingJob job = gallery.start(PhotoSource.of(pausingAfter(photos, new CountDownLatch(1))));
    while (gallery.size() < 6) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
    assertThat(gallery.faces()).filteredOn(f -> f.face().person().isPresent()).hasSize(5);
    job.cancel();
    job.await();
  }

  @Test
  void aPhotoOfWhichAFaceIsThereIsPassedOver() throws Exception {
    gallery.addAll(PhotoSource.of(List.of(group("group"))));
    gallery.remove("group#0");
    IndexingReport again = gallery.addAll(PhotoSource.of(List.of(group("group"))));
    assertThat(again.alreadyIndexed()).isOne();
    assertThat(again.broken()).isEmpty();
    assertThat(gallery.size()).isOne();
    assertThatThrownBy(() -> gallery.add(group("group")))
        .isInstanceOf(DuplicateFaceException.class);
    IndexingReport twice =
        gallery.addAll(PhotoSource.of(List.of(photo(1, 1).named("n"), group("g").named("n"))));
    assertThat(twice.broken()).hasSize(1);
    assertThat(gallery.get("n#1")).isEmpty();
  }

  @Test
  void whatASourceThrowsIsReported() throws Exception {
    List<Photo> photos = photosOf(1, "Ann");
    photos.add(
        1,
        Photo.of(
            "closed",
            () -> {
              throw new IllegalStateException("connection closed");
            }));
    photos.add(
        Photo.of(
            "deep",
            () -> {
              throw new StackOverflowError();
            }));
    IndexingReport report = gallery.addAll(PhotoSource.of(photos));
    assertThat(report.faces()).isEqualTo(4);
    assertThat(report.broken()).extracting(one -> one.photo()).containsExactly("closed", "deep");
  }

  @Test
  void vectorsHaveAsManyNumbersAsTheModelSays() {
    String model = analyzer.model().fingerprint();
    assertThatThrownBy(() -> gallery.add(Embedding.of(model, 1, 0, 0), FaceInfo.nothing()))
        .isInstanceOf(ModelMismatchException.class)
        .hasMessageContaining("128 numbers");
    assertThat(gallery.size()).isZero();
  }

  @Test
  void longChainsOfFiltersAreLists() throws Exception {
    gallery.add(photo(1, 1).person("Ann"));
    FaceFilter any = FaceFilter.person("Ann");
    FaceFilter all = FaceFilter.all();
    for (int i = 0; i < 3000; i++) {
      any = any.or(FaceFilter.person("nobody " + i));
      all = all.and(FaceFilter.person("nobody " + i).not());
    }
    Embedding probe = gallery.faces().get(0).embedding();
    assertThat(gallery.search(probe, io.facesearch.Search.nearest(3).where(any)).matches())
        .hasSize(1);
    assertThat(gallery.search(probe, io.facesearch.Search.nearest(3).where(all)).matches())
        .hasSize(1);
  }

  @Test
  void aBackupInTheStoreIsRefused() {
    assertThatThrownBy(() -> gallery.backup(folder.resolve("faces/backup")))
        .isInstanceOf(java.io.IOException.class)
        .hasMessageContaining("lies in the store");
  }

  @Test
  void aKeyIsNeverPassedOver() throws Exception {
    assertThatThrownBy(() -> Gallery.builder().key(new byte[5]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Gallery.builder().key(new byte[16]).analyzer(analyzer).open())
        .isInstanceOf(IllegalStateException.class);
    try (FaceStore store = FaceStore.open(folder.resolve("other"))) {
      assertThatThrownBy(
              () -> Gallery.builder().storage(store).key(new byte[16]).analyzer(analyzer).open())
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void whatIsOnlyReadIsNotMade() {
    Path missing = folder.resolve("missing");
    assertThatThrownBy(
            () -> Gallery.builder().folder(missing).readOnly(true).analyzer(analyzer).open())
        .isInstanceOf(NoSuchFileException.class);
    assertThat(missing).doesNotExist();
  }

  @Test
  void aFileIsNoGallery() throws Exception {
    Path file = Files.writeString(folder.resolve("x.fsx"), "x");
    assertThatThrownBy(() -> Gallery.open(file))
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("Gallery.builder().file(path)");
  }

  /** No distance tells people apart who have one photo. */
  @Test
  void equalPhotosUnderManyNamesAreNoCalibration() throws Exception {
    float[] vector = new float[128];
    vector[0] = 1;
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      FaceRecord record = new FaceRecord("f" + i, "person " + i, null, null);
      faces.add(new EmbeddedFace(record, Embedding.of(analyzer.model().fingerprint(), vector)));
    }
    try (Gallery equal = Gallery.builder().analyzer(analyzer).index(new FlatIndex()).open()) {
      equal.addFaces(faces);
      assertThatThrownBy(equal::calibrate)
          .isInstanceOf(FaceSearchException.class)
          .hasMessageContaining("equal to those of others");
    }
  }
}
