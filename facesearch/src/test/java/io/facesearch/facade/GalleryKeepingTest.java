package io.facesearch.facade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.DecisionThreshold;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceImage;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.NamedPerson;
import io.facesearch.Photo;
import io.facesearch.PhotoSource;
import io.facesearch.UnknownPersonException;
import io.facesearch.index.SigmoidTreeIndex;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done with a gallery without looking at a photo; no model is opened for it. */
class GalleryKeepingTest {
  @TempDir private Path folder;

  private static EmbeddedFace face(String id, String person, String photoOf, float x) {
    return new EmbeddedFace(
        new FaceRecord(id, person, id, null, Map.of(), photoOf, null), Embedding.of("m", x, 1));
  }

  private static Gallery of(EmbeddedFace... faces) throws Exception {
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
    index.addAll(List.of(faces));
    return Gallery.builder().index(index).withoutModel().open();
  }

  @Test
  void aPersonIsRenamedInFacesAndPhotos() throws Exception {
    try (Gallery gallery =
        of(
            face("a", "Ann", "Ann", 1),
            face("b", null, "Ann", 2),
            face("c", "Bob", "Ann", 3),
            face("d", "Anna", "Anna", 4))) {
      assertThat(gallery.rename("Ann", "Anna")).isEqualTo(1);
      assertThat(gallery.names()).extracting(NamedPerson::name).containsExactly("Anna", "Bob");
      assertThat(gallery.faces())
          .extracting(f -> f.face().photoOf().orElse("-"))
          .containsOnly("Anna");
      assertThat(gallery.get("b").orElseThrow().face().person()).isEmpty();
      assertThat(gallery.get("c").orElseThrow().face().person()).contains("Bob");
      assertThatThrownBy(() -> gallery.rename("Ann", "Eve"))
          .isInstanceOf(UnknownPersonException.class)
          .hasMessageContaining("Ann");
      assertThatThrownBy(() -> gallery.rename("Bob", ""))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(gallery.forget("Anna").receipt().faces()).isEqualTo(3);
      assertThat(gallery.size()).isEqualTo(1);
    }
  }

  @Test
  void withoutAModelAllButPhotosAndVectorsIsDone() throws Exception {
    FaceImage photo = FaceImage.read(RealParts.sample(1, 1));
    try (Gallery gallery = of(face("a", "Ann", null, 1))) {
      assertThat(gallery).hasToString("Gallery[1 faces, without a model]");
      gallery.name(List.of("a"), "Eve");
      assertThat(gallery.names()).hasSize(1);
      assertThat(gallery.people()).hasSize(1);
      for (org.assertj.core.api.ThrowableAssert.ThrowingCallable call :
          List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
              gallery::analyzer,
              gallery::threshold,
              gallery::pairThreshold,
              gallery::calibrate,
              () -> gallery.identify(photo),
              () -> gallery.identify(Embedding.of("m", 1, 2)),
              () -> gallery.add(Photo.of("x", photo)),
              () -> gallery.addFaces(List.of(face("e", null, null, 1))),
              () -> gallery.addAll(PhotoSource.folder(folder)),
              () -> gallery.verify(photo, photo))) {
        assertThatIllegalStateException()
            .isThrownBy(call)
            .withMessageContaining("opened without a model");
      }
      assertThat(gallery.remove("a")).isTrue();
    }
  }

  @Test
  void aPhotoInAFolderOfTheGalleryHasItsNameThere() throws Exception {
    RealParts.copy(RealParts.sample(1, 1), folder.resolve("photos/Ann/a.jpg"));
    try (Gallery gallery = Gallery.inMemory()) {
      assertThat(gallery.nameOf(folder.resolve("photos/Ann/a.jpg"))).isEmpty();
      gallery.addAll(PhotoSource.folder(folder.resolve("photos")));
      assertThat(gallery.nameOf(folder.resolve("photos/Ann/../Ann/a.jpg")))
          .contains("photos/Ann/a.jpg");
      assertThat(gallery.nameOf(folder.resolve("photos.jpg"))).isEmpty();
    }
  }

  @Test
  void theThresholdBesideAnIndexFileIsItsOwn() throws Exception {
    Path file = folder.resolve("old.fsx");
    try (Gallery gallery = Gallery.inMemory();
        SigmoidTreeIndex index = SigmoidTreeIndex.builder().build()) {
      index.addAll(gallery.add(Photo.of(RealParts.sample(1, 1))));
      index.save(file);
      try (Gallery plain = Gallery.builder().file(file).open()) {
        assertThat(plain.pairThreshold()).isEqualTo(gallery.pairThreshold());
      }
      new DecisionThreshold(0.7, 0.01, "these")
          .save(folder.resolve("old.fsx.threshold"), gallery.analyzer().model().fingerprint());
      try (Gallery calibrated = Gallery.builder().file(file).open()) {
        assertThat(calibrated.pairThreshold().distance()).isEqualTo(0.7);
      }
    }
  }
}
