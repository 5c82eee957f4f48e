package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.Embedding;
import io.facesearch.eval.LabeledFace;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JoinedFacesTest {
  private static List<LabeledFace> faces(int count, int dimension, double length, long seed) {
    Random random = new Random(seed);
    List<LabeledFace> faces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] vector = new float[dimension];
      for (int j = 0; j < dimension; j++) {
        vector[j] = (float) (length * (1 + random.nextGaussian()));
      }
      faces.add(new LabeledFace("photo" + i, "p" + i / 2, 0, Embedding.of("m" + seed, vector)));
    }
    return faces;
  }

  private static double meanSquaredDistance(List<LabeledFace> faces, int from, int to) {
    double sum = 0;
    int pairs = 0;
    for (int a = 0; a < faces.size(); a++) {
      for (int b = 0; b < a; b++) {
        float[] x = faces.get(a).embedding().toArray();
        float[] y = faces.get(b).embedding().toArray();
        for (int i = from; i < to; i++) {
          sum += (x[i] - y[i]) * (double) (x[i] - y[i]);
        }
        pairs++;
      }
    }
    return sum / pairs;
  }

  @Test
  void bothModelsWeighTheSameWhateverTheirLengths() {
    List<LabeledFace> small = faces(200, 5, 0.01, 1);
    List<LabeledFace> large = faces(200, 30, 100, 2);
    List<LabeledFace> joined = new JoinedFaces(small, large).join(small);
    assertThat(joined).hasSize(200).allMatch(face -> face.embedding().dimension() == 35);
    assertThat(joined.get(7).source()).isEqualTo("photo7");
    assertThat(joined.get(7).identity()).isEqualTo("p3");
    assertThat(meanSquaredDistance(joined, 0, 5)).isCloseTo(1, within(0.01));
    assertThat(meanSquaredDistance(joined, 5, 35)).isCloseTo(1, within(0.01));
  }

  @Test
  void photosThatOneModelFindsNoFaceInAreLeftOut() {
    List<LabeledFace> one = faces(10, 3, 1, 1);
    List<LabeledFace> joined = new JoinedFaces(one, faces(4, 3, 1, 2)).join(one);
    assertThat(joined).hasSize(4);
    assertThatThrownBy(() -> new JoinedFaces(one, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least two photos");
  }
}
