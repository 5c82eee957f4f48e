package io.facesearch.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A great many queries on data like faces: no answer may differ from that of the flat scan. */
@Tag("slow")
class ManyQueriesTest {
  private static final int FACES = 4000;
  private static final int QUERIES = 200_000;

  @Test
  void noAnswerDiffers() {
    long seed = Long.getLong("tests.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    double[] scale = new double[128];
    for (int j = 0; j < scale.length; j++) {
      scale[j] = j < 80 ? Math.exp(-j / 24.0) : 0.001;
    }
    List<EmbeddedFace> faces = new ArrayList<>();
    List<float[]> people = new ArrayList<>();
    for (int i = 0; i < FACES; i++) {
      if (i % 5 == 0) {
        people.add(near(new float[128], scale, 1, random));
      }
      float[] photo = near(people.get(i / 5), scale, 0.6, random);
      faces.add(new EmbeddedFace(FaceRecord.of("f" + i), Embedding.of("m", photo)));
    }
    FlatIndex flat = new FlatIndex();
    flat.addAll(faces);
    List<SigmoidTreeIndex> trees = new ArrayList<>();
    for (BoundKernel kernel : BoundKernelTest.kernels()) {
      SigmoidTreeIndex tree = SigmoidTreeIndex.builder().codeUse(CodeUse.always(kernel)).build();
      tree.addAll(faces);
      trees.add(tree);
    }
    int[] ks = {1, 10, 10, 10, 100};
    for (int q = 0; q < QUERIES; q++) {
      float[] vector = near(people.get(random.nextInt(people.size())), scale, 0.6, random);
      Embedding query = Embedding.of("m", vector);
      int k = ks[random.nextInt(ks.length)];
      var expected = flat.search(query, k).matches();
      for (SigmoidTreeIndex tree : trees) {
        if (!tree.search(query, k).matches().equals(expected)) {
          assertThat(tree.search(query, k).matches()).as("query %d", q).isEqualTo(expected);
        }
      }
    }
  }

  private static float[] near(float[] point, double[] scale, double factor, Random random) {
    float[] result = new float[point.length];
    for (int j = 0; j < result.length; j++) {
      result[j] = (float) (point[j] + factor * scale[j] * random.nextGaussian());
    }
    return result;
  }
}
