package io.facesearch.index.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.Metric;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.SplitStrategy;
import io.facesearch.index.internal.quantize.BoundKernelTest;
import io.facesearch.index.internal.quantize.Kernel;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.IntRange;
import io.facesearch.testing.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;

/** The tree answers like the flat scan, to the last bit. */
public class TreeEqualsFlatTest {
  /** Kinds of data that break trees. */
  public enum Kind {
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
    FAR_LINE,
    UNIT,
    ANTIPODES,
    NEAR_DUPLICATES,
    SPIKES,
    OUTLIERS,
    EQUAL;

    public void fill(float[] vector, Random random) {
      if (this == UNIT || this == ANTIPODES || this == NEAR_DUPLICATES) {
        fillUnit(vector, random);
        return;
      }
      double scale = random.nextInt(40) == 0 ? 1e4 : 1;
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
                  case FAR_LINE -> 1e6 + line * (j % 5 - 2);
                  case SPIKES -> random.nextInt(vector.length) == 0 ? 10 * g : 1e-3 * g;
                  case OUTLIERS -> scale * g;
                  case EQUAL -> 1;
                  case UNIT, ANTIPODES, NEAR_DUPLICATES -> throw new AssertionError(this);
                };
      }
    }

    /** Directions spread over the sphere, or a few of them, their opposites and neighbors. */
    private void fillUnit(float[] vector, Random random) {
      Random direction = this == UNIT ? random : new Random(random.nextInt(20));
      double noise = this == NEAR_DUPLICATES ? Math.pow(10, -random.nextInt(7)) : 0;
      double sign = this == ANTIPODES ? random.nextInt(2) * 2 - 1 : 1;
      double sum = 0;
      double[] values = new double[vector.length];
      for (int j = 0; j < vector.length; j++) {
        values[j] = sign * direction.nextGaussian() + noise * random.nextGaussian();
        sum += values[j] * values[j];
      }
      for (int j = 0; j < vector.length; j++) {
        vector[j] = (float) (values[j] / Math.sqrt(sum));
      }
    }
  }

  @Property(tries = 250)
  void sameFacesSameOrderSameDistances(
      @ForAll Kind kind,
      @ForAll @IntRange(min = 1, max = 512) int maxDimension,
      @ForAll @IntRange(min = 1, max = 40) int leafSize,
      @ForAll @IntRange(min = 1, max = 70) int maxDepth,
      @ForAll long seed) {
    Random random = new Random(seed);
    int dimension = random.nextBoolean() ? 1 + random.nextInt(maxDimension) : 1 + maxDimension % 9;
    Metric metric = random.nextInt(4) == 0 ? Metric.COSINE : Metric.EUCLIDEAN;
    FlatIndex flat = new FlatIndex(metric);
    TreeIndex tree =
        TreeIndex.builder()
            .metric(metric)
            .leafSize(leafSize)
            .maxDepth(maxDepth)
            .rebuildShare(0.05 + random.nextDouble())
            .codeUse(BoundKernelTest.anyCodeUse(random))
            .direction(anyDirection(random))
            .build();
    compare(flat, tree, kind, dimension, 1 + random.nextInt(12), 100, random);
  }

  @Tag("slow")
  @Property(tries = 36)
  void sameAlsoWithManyFaces(@ForAll Kind kind, @ForAll long seed) {
    Random random = new Random(seed);
    TreeIndex tree =
        TreeIndex.builder()
            .leafSize(1 + random.nextInt(64))
            .codeUse(BoundKernelTest.anyCodeUse(random))
            .build();
    int dimension = 1 + random.nextInt(random.nextBoolean() ? 8 : 160);
    compare(new FlatIndex(), tree, kind, dimension, 6, 6000, random);
  }

  private static SplitDirection anyDirection(Random random) {
    SplitStrategy[] all = SplitStrategy.values();
    return SplitDirection.of(all[random.nextInt(all.length)].name());
  }

  private static void compare(
      FlatIndex flat,
      TreeIndex tree,
      Kind kind,
      int dimension,
      int steps,
      int most,
      Random random) {
    int added = 0;
    for (int step = 0; step < steps; step++) {
      int count = random.nextInt(4) == 0 ? 1 : random.nextInt(most);
      List<EmbeddedFace> faces = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        faces.add(face("f" + added++, kind, dimension, random));
      }
      flat.addAll(faces);
      tree.addAll(faces);
      assertThat(tree.faces()).isEqualTo(flat.faces());
      compareBatch(flat, tree, kind, dimension, added, random);
      for (int q = 0; q < 4 && added > 0; q++) {
        Embedding query =
            q % 2 == 0
                ? flat.faces().get(random.nextInt(added)).embedding()
                : face("q", kind, dimension, random).embedding();
        for (int k : new int[] {1, 1 + random.nextInt(added), added, added + 3}) {
          assertThat(tree.search(query, k).matches()).isEqualTo(flat.search(query, k).matches());
        }
        List<FaceMatch> all = flat.search(query, added).matches();
        double radius = all.get(random.nextInt(added)).distance();
        for (double r : new double[] {radius, Math.nextDown(radius), 0, 1e300}) {
          if (r >= 0) {
            List<FaceMatch> expected = all.stream().filter(m -> m.distance() <= r).toList();
            assertThat(flat.search(query, Search.within(r)).matches()).isEqualTo(expected);
            assertThat(tree.search(query, Search.within(r)).matches()).isEqualTo(expected);
          }
        }
      }
    }
  }

  private static void compareBatch(
      FlatIndex flat, TreeIndex tree, Kind kind, int dimension, int added, Random random) {
    List<Embedding> queries = new ArrayList<>();
    for (int q = random.nextInt(40); q > 0; q--) {
      queries.add(face("q", kind, dimension, random).embedding());
    }
    int k = 1 + random.nextInt(added + 2);
    List<SearchResult> results = tree.searchAll(queries, Search.nearest(k));
    assertThat(results).hasSameSizeAs(queries);
    for (int q = 0; q < queries.size(); q++) {
      assertThat(results.get(q).matches()).isEqualTo(flat.search(queries.get(q), k).matches());
    }
  }

  /** The flat scan itself, against a sort of distances that were summed in another order. */
  @Property(tries = 200)
  void flatAgreesWithASort(
      @ForAll Kind kind,
      @ForAll @IntRange(min = 1, max = 300) int dimension,
      @ForAll @IntRange(min = 1, max = 400) int count,
      @ForAll @IntRange(min = 1, max = 450) int k,
      @ForAll long seed) {
    Random random = new Random(seed);
    FlatIndex flat = new FlatIndex();
    for (int i = 0; i < count; i++) {
      flat.add(face("f" + i, kind, dimension, random));
    }
    Embedding query = face("q", kind, dimension, random).embedding();
    double[] sorted =
        flat.faces().stream().mapToDouble(f -> f.embedding().distanceTo(query)).sorted().toArray();
    List<FaceMatch> matches = flat.search(query, k).matches();
    assertThat(matches).hasSize(Math.min(k, count));
    assertThat(matches.stream().map(m -> m.face().id()).distinct()).hasSameSizeAs(matches);
    for (int i = 0; i < matches.size(); i++) {
      FaceMatch match = matches.get(i);
      assertThat(match.distance()).isCloseTo(sorted[i], withinPercentage(1e-10));
      double own = flat.get(match.face().id()).orElseThrow().embedding().distanceTo(query);
      assertThat(match.distance()).isCloseTo(own, withinPercentage(1e-10));
    }
  }

  /** Every vector lies in the leaf that the rule leads to, in both forms of the rule. */
  @Property(tries = 200)
  void everyVectorLiesWhereTheRuleLeads(
      @ForAll Kind kind,
      @ForAll @IntRange(min = 1, max = 200) int dimension,
      @ForAll @IntRange(min = 1, max = 20) int leafSize,
      @ForAll long seed) {
    Random random = new Random(seed);
    TreeIndex index = TreeIndex.builder().leafSize(leafSize).build();
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      faces.add(face("f" + i, kind, dimension, random));
    }
    index.addAll(faces);
    SplitTree tree = index.tree();
    int seen = 0;
    for (int leaf = 0; leaf < tree.leafCount(); leaf++) {
      assertThat(tree.leafSize(leaf)).isPositive();
      for (int row = tree.leafStarts[leaf]; row < tree.leafStarts[leaf + 1]; row++) {
        float[] vector = tree.get(tree.ordinals[row]);
        double[] values = new double[dimension];
        for (int j = 0; j < dimension; j++) {
          values[j] = vector[j];
        }
        assertThat(leafByOffset(tree, values)).isEqualTo(leaf);
        int bySigmoid = leafBySigmoid(tree, values);
        assertThat(bySigmoid == leaf || bySigmoid == Integer.MIN_VALUE).isTrue();
        seen++;
      }
    }
    assertThat(seen).isEqualTo(300);
  }

  private static int leafByOffset(SplitTree tree, double[] vector) {
    int node = tree.root;
    while (node >= 0) {
      double projection = Kernel.dot(tree.weights, node * vector.length, vector);
      boolean right = SigmoidRule.goesRight(projection, tree.offsets[node]);
      node = tree.children[2 * node + (right ? 1 : 0)];
    }
    return ~node;
  }

  /** Integer.MIN_VALUE where the vector comes within rounding of a plane. */
  private static int leafBySigmoid(SplitTree tree, double[] vector) {
    int node = tree.root;
    while (node >= 0) {
      double threshold = tree.thresholds[node];
      assertThat(threshold).isStrictlyBetween(0.0, 1.0);
      double projection = 0;
      for (int j = 0; j < vector.length; j++) {
        projection += tree.weights[node * vector.length + j] * vector[j];
      }
      if (Math.abs(projection - SigmoidRule.offset(threshold)) < 1e-11) {
        return Integer.MIN_VALUE;
      }
      boolean right = SigmoidRule.goesRightBySigmoid(projection, threshold);
      node = tree.children[2 * node + (right ? 1 : 0)];
    }
    return ~node;
  }

  static EmbeddedFace face(String id, Kind kind, int dimension, Random random) {
    float[] vector = new float[dimension];
    kind.fill(vector, random);
    if (kind != Kind.EQUAL && IntStream.range(0, dimension).allMatch(j -> vector[j] == 0)) {
      vector[random.nextInt(dimension)] = Float.MIN_VALUE; // has a direction, for cosine
    }
    return new EmbeddedFace(FaceRecord.of(id), Embedding.of("m", vector));
  }
}
