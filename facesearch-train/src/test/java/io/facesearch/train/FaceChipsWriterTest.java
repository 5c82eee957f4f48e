package io.facesearch.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.AlignmentTemplate;
import io.facesearch.train.FaceDataset.Photo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaceChipsWriterTest {
  private static final List<Photo> PHOTOS =
      IntStream.range(0, 4)
          .mapToObj(i -> new Photo(Path.of(i + ".jpg"), "person " + i, 0, null))
          .toList();

  @TempDir private Path folder;

  private FaceChipsWriter open() throws IOException {
    AlignmentTemplate template = AlignmentTemplate.box("box", 2, 2, 0);
    return new FaceChipsWriter(folder.resolve("faces"), "teacher", template, 3, PHOTOS);
  }

  private static void write(FaceChipsWriter writer, int i) throws IOException {
    byte[] pixels = new byte[12];
    pixels[0] = (byte) (i + 1);
    writer.write(PHOTOS.get(i), pixels, new float[] {i, 0, 0});
  }

  @Test
  void facesOfPhotosThatWereNotDoneAreWrittenOnce() throws IOException {
    try (FaceChipsWriter writer = open()) {
      write(writer, 0);
      writer.done(2); // the second has no face
      write(writer, 2); // and then it fails
    }
    try (FaceChipsWriter writer = open()) {
      assertThat(writer.done()).isEqualTo(2);
      assertThat(writer.count()).isEqualTo(1);
      write(writer, 2);
      write(writer, 3);
      writer.done(4);
      writer.finish();
    }
    try (FaceChips faces = FaceChips.open(folder.resolve("faces"))) {
      assertThat(IntStream.range(0, faces.size()).mapToObj(faces::name))
          .containsExactly("0.jpg", "2.jpg", "3.jpg");
      for (int i = 0; i < 3; i++) {
        assertThat(faces.vector(i)[0] + ".jpg").isEqualTo(faces.name(i).replace(".", ".0."));
        assertThat(faces.image(i).rgb().get(0)).isEqualTo((byte) (faces.vector(i)[0] + 1));
      }
    }
  }
}
