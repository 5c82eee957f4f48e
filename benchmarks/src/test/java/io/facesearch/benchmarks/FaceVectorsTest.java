package io.facesearch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaceVectorsTest {
  private static final int COUNT = 400;

  @TempDir Path folder;

  /** People are far apart, their photos close together. */
  @BeforeEach
  void writeStatistics() throws Exception {
    FaceVectors.write(folder.resolve("mean.f32"), new float[1][FaceVectors.DIMENSION]);
    FaceVectors.write(folder.resolve("between.f32"), diagonal(1));
    FaceVectors.write(folder.resolve("within.f32"), diagonal(0.1f));
    Files.writeString(folder.resolve("photos_per_person.csv"), "photos,people\n1,2\n3,1\n");
  }

  private static float[][] diagonal(float value) {
    float[][] rows = new float[FaceVectors.DIMENSION][FaceVectors.DIMENSION];
    IntStream.range(0, rows.length).forEach(i -> rows[i][i] = value);
    return rows;
  }

  @Test
  void photosOfOnePersonDoNotFollowEachOther() throws Exception {
    FaceVectors vectors = FaceVectors.make(folder, "face20", COUNT, 10, 1);
    float[][] rows = vectors.gallery();
    for (float[] row : rows) {
      assertThat(Arrays.stream(rows).filter(other -> samePerson(row, other))).hasSize(20);
    }
    // By chance one in 21 does.
    assertThat(IntStream.range(1, COUNT).filter(i -> samePerson(rows[i - 1], rows[i])).count())
        .isLessThan(COUNT / 8);
    for (float[] query : vectors.queries()) {
      assertThat(Arrays.stream(rows).filter(other -> samePerson(query, other))).hasSize(20);
    }
  }

  @Test
  void isTheSameForASeed() throws Exception {
    FaceVectors one = FaceVectors.make(folder, "face2", COUNT, 10, 1);
    assertThat(FaceVectors.make(folder, "face2", COUNT, 10, 1).gallery())
        .isDeepEqualTo(one.gallery());
    assertThat(FaceVectors.make(folder, "face2", COUNT, 10, 2).gallery()[0])
        .isNotEqualTo(one.gallery()[0]);
  }

  @Test
  void readsWhatItWrites() throws Exception {
    float[][] rows = FaceVectors.make(folder, "face2", 5, 1, 1).gallery();
    Path file = folder.resolve("rows.f32");
    FaceVectors.write(file, rows);
    assertThat(FaceVectors.rows(file)).isDeepEqualTo(rows);
  }

  private static boolean samePerson(float[] a, float[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += (a[j] - (double) b[j]) * (a[j] - (double) b[j]);
    }
    return Math.sqrt(sum) < 6;
  }
}
