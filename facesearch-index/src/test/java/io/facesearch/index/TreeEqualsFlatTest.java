package io.facesearch.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The tree answers like the flat scan, to the last bit. */
class TreeEqualsFlatTest {
  /** Kinds of data that break trees. */
  enum Kind {
    GAUSSIAN,
    DUPLICATES,
    CONSTANT_DIMENSIONS,
    LINE,
    GRID,
    SPHERE_SHELLS,
    HUGE,
    TINY,
    MIXED_SCALES,
    OFFSET,
    EQUAL;

    void fill(float[] vector, Random random) {
      int line = random.nextInt(50);
      for (int j = 0; j < vector.length; j++) {
        double g = random.nextGaussian();
        vector[j] =
            (float)
                switch (this) {
                  case GAUSSIAN -> g;
                  case DUPLICATES -> line % 7 * (j + 1);
                  case CONSTANT_DIMENSIONS -> j % 3 == 0 ? g : 2.5;
                  case LINE -> line * 0.1 * (j % 5 - 2);
                  case GRID -> random.nextInt(2);
                  case SPHERE_SHELLS -> j == line % vector.length ? 1 - 2 * (line & 1) : 0;
                  case HUGE -> g * 1e18;
                  case TINY -> random.nextInt(9) * Float.MIN_VALUE;
                  case MIXED_SCALES -> g * Math.pow(10, random.nextInt(70) - 35);
                  case OFFSET -> 1e6 + g;
                  case EQUAL -> 1;
                };
      }
    }
  }

  @Property(tries = 600)
  void sameFacesSameOrderSameDistances(
      @ForAll Kind kind,
      @ForAll @IntRange(min = 1, max = 512) int maxDimension,
      @ForAll @IntRange(min = 1, max = 40) int leafSize,
      @ForAll @IntRange(min = 1, max = 70) int maxDepth,
      @ForAll long seed) {
    Random random = new Random(seed);
    int dimension = random.nextBoolean() ? 1 + random.nextInt(maxDimension) : 1 + maxDimension % 9;
    FlatIndex flat = new FlatIndex();
    SigmoidTreeIndex tree =
        SigmoidTreeIndex.builder()
            .leafSize(leafSize)
            .maxDepth(maxDepth)
            .rebuildShare(0.05 + random.nextDouble())
            .build();
    int added = 0;
    int steps = 1 + random.nextInt(12);
    for (int step = 0; step < steps; step++) {
      int count = random.nextInt(4) == 0 ? 1 : random.nextInt(100);
      List<EmbeddedFace> faces = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        faces.add(face("f" + added++, kind, dimension, random));
      }
      flat.addAll(faces);
      tree.addAll(faces);
      assertThat(tree.faces()).isEqualTo(flat.faces());
      for (int q = 0; q < 4 && added > 0; q++) {
        Embedding query =
            q % 2 == 0
                ? flat.faces().get(random.nextInt(added)).embedding()
                : face("q", kind, dimension, random).embedding();
        for (int k : new int[] {1, 1 + random.nextInt(added), added, added + 3}) {
          assertThat(tree.search(query, k).matches()).isEqualTo(flat.search(query, k).matches());
        }
      }
    }
  }

  private static EmbeddedFace face(String id, Kind kind, int dimension, Random random) {
    float[] vector = new float[dimension];
    kind.fill(vector, random);
    return new EmbeddedFace(FaceRecord.of(id), Embedding.of("m", vector));
  }
}
