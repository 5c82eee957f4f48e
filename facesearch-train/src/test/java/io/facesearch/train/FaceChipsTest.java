package io.facesearch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.AlignmentTemplate;
import io.facesearch.DetectedFace;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.FaceSearchException;
import io.facesearch.detect.SimilarityAligner;
import io.facesearch.train.FaceDataset.Photo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prepared faces, with the real pipeline. */
class FaceChipsTest {
  private static final Path GALLERY =
      Path.of("../facesearch-cli/src/main/resources/io/facesearch/cli/samples/gallery");

  @TempDir private Path folder;

  @Test
  void holdsChipsAndVectorsOfThePipelineAndSurvivesDamage() throws Exception {
    List<Photo> photos = FaceDataset.ofFolder(GALLERY).photos().subList(0, 9);
    Path file = folder.resolve("faces.fsc");
    SimilarityAligner aligner = new SimilarityAligner();
    try (FaceAnalyzer pipeline = FaceAnalyzer.open()) {
      AlignmentTemplate template = pipeline.model().input().resized(48, 48);
      assertThat(template.width()).isEqualTo(48);
      int leftOut = FaceChips.prepare(photos, pipeline, aligner, template, file, done -> true);
      assertThat(leftOut).isZero();
      try (FaceChips chips = FaceChips.open(file)) {
        assertThat(chips.size()).isEqualTo(9);
        assertThat(chips.teacher()).isEqualTo(pipeline.model().fingerprint());
        for (int i = 0; i < 9; i++) {
          FaceImage photo = FaceImage.read(photos.get(i).file());
          DetectedFace face = pipeline.detectOne(photo).orElseThrow();
          assertThat(chips.name(i)).isEqualTo(photos.get(i).file().toString());
          assertThat(chips.identity(i)).isEqualTo(photos.get(i).identity());
          assertThat(chips.image(i)).isEqualTo(aligner.align(photo, face, template));
          assertThat(pipeline.embed(photo, face).toArray())
              .usingComparatorWithPrecision(1e-4f)
              .containsExactly(chips.vector(i));
        }
      }
      Path stopped = folder.resolve("stopped");
      assertThatThrownBy(
              () -> FaceChips.prepare(photos, pipeline, aligner, template, stopped, done -> false))
          .isInstanceOf(FaceSearchException.class)
          .hasMessageContaining("stopped after 8 of 9");
      assertThat(stopped).doesNotExist();
      // It goes on behind the eight, whatever the end of the file of labels looks like.
      Files.write(
          folder.resolve("stopped.part.labels"), new byte[] {0, 0, 0}, StandardOpenOption.APPEND);
      List<Integer> told = new ArrayList<>();
      FaceChips.prepare(photos, pipeline, aligner, template, stopped, told::add);
      assertThat(told).containsExactly(9);
      assertThat(stopped).hasSameBinaryContentAs(file);
      assertThat(folder).isDirectoryNotContaining("glob:**.part*");
      // Other photos are begun anew.
      assertThatThrownBy(
              () -> FaceChips.prepare(photos, pipeline, aligner, template, stopped, done -> false))
          .isInstanceOf(FaceSearchException.class);
      told.clear();
      List<Photo> fewer = photos.subList(1, 9);
      FaceChips.prepare(fewer, pipeline, aligner, template, stopped, told::add);
      assertThat(told).containsExactly(8);
      try (FaceChips chips = FaceChips.open(stopped)) {
        assertThat(chips.name(0)).isEqualTo(fewer.get(0).file().toString());
        assertThat(chips.size()).isEqualTo(8);
      }
    }
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(7);
    for (int i = 0; i < 300; i++) {
      byte[] damaged = whole.clone();
      if (i % 3 == 0) {
        damaged = java.util.Arrays.copyOf(whole, random.nextInt(whole.length));
      } else {
        // Head or labels; a changed pixel is a changed pixel.
        int at = i % 3 == 1 ? random.nextInt(40) : whole.length - 1 - random.nextInt(500);
        damaged[at] ^= (byte) (1 + random.nextInt(255));
      }
      Path other = folder.resolve("damaged");
      Files.write(other, damaged);
      assertThatThrownBy(() -> FaceChips.open(other).close())
          .as("damage " + i)
          .isInstanceOf(DatasetFormatException.class);
    }
  }

  /** Chips of the second form, the first that was released, kept to be read forever. */
  @Test
  void chipsOfTheSecondFormAreRead() throws Exception {
    Path golden = Path.of(FaceChipsTest.class.getResource("chips-2.fsc").toURI());
    try (FaceChips chips = FaceChips.open(golden)) {
      assertThat(chips.size()).isEqualTo(2);
      assertThat(chips.width()).isEqualTo(24);
      assertThat(chips.height()).isEqualTo(24);
      assertThat(chips.teacher()).hasSize(64);
      assertThat(chips.identity(1)).isEqualTo("person_01");
      assertThat(chips.name(1)).endsWith("person_01/photo_2.jpg");
      assertThat(chips.vector(1)).hasSize(128);
      double length = 0;
      for (float value : chips.vector(1)) {
        length += value * value;
      }
      assertThat(length).isBetween(0.999, 1.001);
      assertThat(Integer.toHexString(chips.image(1).rgb(12, 12))).isEqualTo("bc8c71");
    }
  }

  /** Makes them. */
  public static void main(String[] args) throws Exception {
    List<Photo> photos = FaceDataset.ofFolder(GALLERY).photos().subList(0, 2);
    try (FaceAnalyzer pipeline = FaceAnalyzer.open()) {
      AlignmentTemplate template = pipeline.model().input().resized(24, 24);
      FaceChips.prepare(
          photos,
          pipeline,
          new SimilarityAligner(),
          template,
          Path.of(args[0], "chips-2.fsc"),
          done -> true);
    }
  }
}
