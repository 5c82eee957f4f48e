package io.facesearch.index.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.Metric;
import io.facesearch.Search;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.internal.quantize.BoundKernel;
import io.facesearch.index.internal.quantize.BoundKernelTest;
import io.facesearch.index.internal.quantize.CodedQuery;
import io.facesearch.index.internal.quantize.Kernel;
import io.facesearch.index.internal.quantize.PackedCodes;
import io.facesearch.index.internal.quantize.Packing;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import io.facesearch.index.internal.quantize.VectorSource;
import io.facesearch.index.testing.People;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.IntRange;
import io.facesearch.testing.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Codes of all dimensions: their bounds, and searches by them. */
class ChunkSearchTest {
  /** Whatever the vectors, their number, dimension and norms: as the flat scan answers. */
  @Property(tries = 120)
  void answersAreThoseOfTheFlatScan(
      @ForAll TreeEqualsFlatTest.Kind kind,
      @ForAll Packing packing,
      @ForAll @IntRange(min = 2, max = 2048) int mostDimension,
      @ForAll @IntRange(min = 1, max = 6000) int most,
      @ForAll long seed) {
    Random random = new Random(seed);
    int dimension = 2 + random.nextInt(mostDimension - 1);
    int count = 1 + Math.min(most, 400_000 / dimension);
    Metric metric = random.nextInt(3) == 0 ? Metric.COSINE : Metric.EUCLIDEAN;
    FlatIndex flat = new FlatIndex(metric);
    TreeIndex index =
        TreeIndex.builder()
            .metric(metric)
            .codeUse(CodeUse.whole(anyKernel(random), packing))
            .build();
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      faces.add(tagged("f" + i, kind, dimension, random));
    }
    flat.addAll(faces);
    index.addAll(faces);
    ask(flat, index, kind, dimension, random);
    List<EmbeddedFace> more = new ArrayList<>();
    for (int i = random.nextInt(600); i > 0; i--) {
      more.add(tagged("g" + i, kind, dimension, random));
    }
    flat.addAll(more);
    index.addAll(more);
    for (int i = random.nextInt(1 + count / 2); i > 0; i--) {
      String id = "f" + random.nextInt(count);
      assertThat(index.remove(id)).isEqualTo(flat.remove(id));
    }
    ask(flat, index, kind, dimension, random);
  }

  /** More vectors than are looked through at once; the second pass goes the other way. */
  @Property(tries = 2)
  void manyVectorsAreLookedThroughInPartsAndEitherWay(@ForAll Packing packing, @ForAll long seed) {
    Random random = new Random(seed);
    FlatIndex flat = new FlatIndex(Metric.EUCLIDEAN);
    TreeIndex index =
        TreeIndex.builder().codeUse(CodeUse.whole(anyKernel(random), packing)).build();
    List<EmbeddedFace> faces = unit(70_000, 8, random);
    flat.addAll(faces);
    index.addAll(faces);
    for (EmbeddedFace query : unit(6, 8, random)) {
      for (int k : new int[] {1, 10, 3000}) {
        SearchResult found = index.search(query.embedding(), k);
        assertThat(found.matches()).isEqualTo(flat.search(query.embedding(), k).matches());
        SearchResult again = index.search(query.embedding(), k);
        assertThat(again.matches()).isEqualTo(found.matches());
        assertThat(again.distancesComputed()).isEqualTo(found.distancesComputed());
      }
    }
  }

  private static BoundKernel anyKernel(Random random) {
    List<BoundKernel> kernels = BoundKernelTest.kernels();
    return kernels.get(random.nextInt(kernels.size()));
  }

  /** With a number from 0 to 99. */
  private static EmbeddedFace tagged(
      String id, TreeEqualsFlatTest.Kind kind, int dimension, Random random) {
    return new EmbeddedFace(
        FaceRecord.of(id).withTag("n", random.nextInt(100)),
        TreeEqualsFlatTest.face(id, kind, dimension, random).embedding());
  }

  private static void ask(
      FlatIndex flat, TreeIndex index, TreeEqualsFlatTest.Kind kind, int dimension, Random random) {
    int size = flat.size();
    if (size == 0) {
      return;
    }
    List<Embedding> queries = new ArrayList<>();
    for (int q = 0; q < 5; q++) {
      queries.add(
          q % 3 == 0
              ? flat.faces().get(random.nextInt(size)).embedding()
              : TreeEqualsFlatTest.face("q", kind, dimension, random).embedding());
    }
    for (int k : new int[] {1, 10, 1 + random.nextInt(size), size}) {
      List<SearchResult> batch = index.searchAll(queries, Search.nearest(k));
      for (int q = 0; q < queries.size(); q++) {
        List<FaceMatch> expected = flat.search(queries.get(q), k).matches();
        assertThat(index.search(queries.get(q), k).matches()).isEqualTo(expected);
        assertThat(batch.get(q).matches()).isEqualTo(expected);
      }
      FaceFilter filter = FaceFilter.tagBetween("n", 0, random.nextInt(100));
      assertThat(index.search(queries.get(0), Search.nearest(k).where(filter)).matches())
          .isEqualTo(flat.search(queries.get(0), Search.nearest(k).where(filter)).matches());
    }
    List<FaceMatch> all = flat.search(queries.get(1), size).matches();
    double radius = all.get(random.nextInt(size)).distance();
    assertThat(index.search(queries.get(1), Search.within(radius)).matches())
        .isEqualTo(flat.search(queries.get(1), Search.within(radius)).matches());
  }

  /** No bound excludes a vector when the limit is its own distance, to the last bit. */
  @Property(tries = 400)
  void boundsAreNeverAboveTheDistance(
      @ForAll TreeEqualsFlatTest.Kind kind,
      @ForAll TreeEqualsFlatTest.Kind queryKind,
      @ForAll Packing packing,
      @ForAll @IntRange(min = 2, max = 2048) int mostDimension,
      @ForAll long seed) {
    Random random = new Random(seed);
    int dimension = 2 + random.nextInt(mostDimension - 1);
    int count = 1 + random.nextInt(200);
    float[] rows = new float[count * dimension];
    float[] vector = new float[dimension];
    for (int i = 0; i < count; i++) {
      kind.fill(vector, random);
      System.arraycopy(vector, 0, rows, i * dimension, dimension);
    }
    QuantizedVectors codes =
        QuantizedVectors.whole(
            anyKernel(random), packing, VectorSource.of(rows, dimension), count, dimension);
    if (codes == null) {
      return; // all are equal
    }
    CodedQuery coded = new CodedQuery(codes);
    PackedCodes packed = (PackedCodes) codes.blocks;
    PackedCodes.Weights weights = new PackedCodes.Weights(packed);
    short[] values = new short[packing.chunk];
    for (int q = 0; q < 6; q++) {
      (q % 2 == 0 ? kind : queryKind).fill(vector, random);
      double[] query = new double[dimension];
      for (int j = 0; j < dimension; j++) {
        query[j] = q == 0 ? rows[j] : vector[j];
      }
      coded.set(query);
      packed.prepare(coded.weights, coded.base, weights);
      packed.values(0, weights, values);
      for (int i = 0; i < count; i++) {
        double squared =
            Kernel.squaredDistance(query, rows, i * dimension, Double.POSITIVE_INFINITY);
        coded.limit(squared, codes);
        assertThat(coded.passes(codes, i, values[i])).as("row %d", i).isTrue();
      }
    }
  }

  /** The values are what their definition says, however many codes and groups of them. */
  @Property(tries = 200)
  void valuesAreSumsOfGroups(
      @ForAll @IntRange(min = 1, max = 2048) int dimension,
      @ForAll @IntRange(min = 0, max = 127) int range,
      @ForAll long seed) {
    Random random = new Random(seed);
    int width = Packing.EIGHT_BITS.roundUp(dimension);
    int points = 1 + random.nextInt(300);
    PackedCodes codes = new PackedCodes(anyKernel(random), Packing.EIGHT_BITS, points, width);
    int queries = 1 + random.nextInt(PackedCodes.MOST_QUERIES);
    short[][] weights = new short[queries][width];
    for (short[] some : weights) {
      for (int i = 0; i < width; i++) {
        some[i] = (short) (random.nextInt(4 * range + 1) - 2 * range);
      }
    }
    byte[][] all = new byte[points][width];
    for (int p = 0; p < points; p++) {
      for (int i = 0; i < width; i++) {
        all[p][i] = (byte) (random.nextInt(2 * range + 1) - range);
      }
      codes.put(p, all[p], 0);
    }
    short[][] values = values(codes, weights, new int[queries]);
    int group = PackedCodes.groupWidth(width, Packing.EIGHT_BITS);
    int groups = (width + group - 1) / group;
    assertThat(groups).isLessThanOrEqualTo(1 << codes.shift());
    for (int p = 0; p < points; p++) {
      for (int q = 0; q < queries; q++) {
        int expected = 0;
        for (int from = 0; from < width; from += group) {
          int sum = 0;
          int squares = 0;
          for (int i = from; i < Math.min(width, from + group); i++) {
            sum += all[p][i] * all[p][i] + weights[q][i] * all[p][i];
            squares += weights[q][i] * weights[q][i];
          }
          assertThat(sum + (squares >> 2)).isNotNegative();
          expected += (sum + (squares >> 2) & 0xffff) >> codes.shift();
        }
        assertThat(values[q][p] + 32768).isEqualTo(expected).isLessThan(65536);
      }
    }
  }

  /** Of 4 bits, with norms and errors; what has no proved error is always a candidate. */
  @Property(tries = 200)
  void valuesOfFourBitsAreSums(
      @ForAll @IntRange(min = 1, max = 2048) int dimension, @ForAll long seed) {
    Random random = new Random(seed);
    Packing packing = Packing.FOUR_BITS;
    int width = packing.roundUp(dimension);
    int points = 1 + random.nextInt(300);
    PackedCodes codes = new PackedCodes(anyKernel(random), packing, points, width);
    int queries = 1 + random.nextInt(PackedCodes.MOST_QUERIES);
    short[][] weights = new short[queries][width + 1];
    int[] bases = random.ints(queries).toArray();
    for (short[] some : weights) {
      for (int i = 0; i <= width; i++) {
        some[i] = (short) random.nextInt();
      }
    }
    byte[][] all = new byte[points][width];
    short[] norms = new short[points];
    short[] errors = new short[points];
    for (int p = 0; p < points; p++) {
      for (int i = 0; i < width; i++) {
        all[p][i] = (byte) (random.nextInt(16) - 8);
      }
      norms[p] = (short) random.nextInt();
      errors[p] = random.nextInt(20) == 0 ? PackedCodes.UNPROVED : (short) random.nextInt(65);
      codes.put(p, all[p], norms[p], errors[p]);
    }
    short[][] values = values(codes, weights, bases);
    for (int p = 0; p < points; p++) {
      for (int q = 0; q < queries; q++) {
        int sum = norms[p] - errors[p] * weights[q][width] + bases[q];
        for (int i = 0; i < width; i++) {
          sum += weights[q][i] * all[p][i];
        }
        assertThat(values[q][p] + 32768)
            .isEqualTo(errors[p] == PackedCodes.UNPROVED ? 0 : sum & 0xffff);
      }
    }
  }

  /** The same for one query as for all at once. */
  private static short[][] values(PackedCodes codes, short[][] weights, int[] bases) {
    int queries = weights.length;
    PackedCodes.Weights[] prepared = new PackedCodes.Weights[queries];
    for (int q = 0; q < queries; q++) {
      prepared[q] = new PackedCodes.Weights(codes);
      codes.prepare(weights[q], bases[q], prepared[q]);
    }
    short[][] shared = new short[queries][codes.chunkSize()];
    codes.values(0, prepared, shared, queries);
    short[] values = new short[codes.chunkSize()];
    for (int q = 0; q < queries; q++) {
      codes.values(0, prepared[q], values);
      assertThat(values).isEqualTo(shared[q]);
    }
    return shared;
  }

  @Property(tries = 200)
  void marksMissNothing(@ForAll short limit, @ForAll long seed) {
    Random random = new Random(seed);
    short[] values = new short[300];
    for (int i = 0; i < values.length; i++) {
      values[i] = (short) (random.nextBoolean() ? random.nextInt() : limit + random.nextInt(5) - 2);
    }
    short[] marks = new short[values.length];
    PackedCodes.mark(values, marks, values.length, limit);
    for (int i = 0; i < values.length; i++) {
      if (values[i] <= limit) {
        assertThat(marks[i]).isNegative();
      } else if (values[i] > limit + 1) {
        assertThat(marks[i]).isNotNegative();
      }
    }
  }

  /** Isotropic vectors get codes of all dimensions; those that a few directions describe do not. */
  @Test
  void theCodesFitTheVectors() {
    Random random = new Random(5);
    for (boolean isIsotropic : new boolean[] {true, false}) {
      List<EmbeddedFace> faces =
          isIsotropic ? unit(6000, 128, random) : new People(1500, random).photos(4);
      TreeIndex index = TreeIndex.builder().build();
      index.addAll(faces);
      assertThat(index.tree().codes.isWhole).isEqualTo(isIsotropic);
      assertThat(index.calibration().isEmpty()).isEqualTo(isIsotropic);
      SearchResult found = index.search(faces.get(3).embedding(), Search.nearest(10).recall(0.9));
      assertThat(found.plan()).isEqualTo(isIsotropic ? SearchPlan.CODES : SearchPlan.APPROXIMATE);
    }
  }

  /** Codes of 4 bits leave some more vectors over, so only large galleries get them. */
  @Property(tries = 4)
  void coarseCodesExcludeNearlyAsMuch(@ForAll long seed) {
    Random random = new Random(seed);
    List<EmbeddedFace> faces = unit(20_000, 128, random);
    List<EmbeddedFace> queries = unit(20, 128, random);
    for (BoundKernel kernel : BoundKernelTest.kernels()) {
      long[] compared = new long[2];
      for (Packing packing : Packing.values()) {
        TreeIndex index = TreeIndex.builder().codeUse(CodeUse.whole(kernel, packing)).build();
        index.addAll(faces);
        for (EmbeddedFace query : queries) {
          compared[packing.ordinal()] += index.search(query.embedding(), 10).distancesComputed();
        }
      }
      assertThat(compared[0] / 20).isLessThan(100);
      assertThat(compared[1] / 20).isLessThan(500);
    }
  }

  /** Where no direction is better than another, few vectors are left to be compared. */
  @Test
  void mostIsotropicVectorsAreExcluded() {
    Random random = new Random(6);
    for (int dimension : new int[] {128, 512}) {
      List<EmbeddedFace> faces = unit(20_000, dimension, random);
      TreeIndex index = TreeIndex.builder().build();
      index.addAll(faces);
      long compared = 0;
      for (int q = 0; q < 20; q++) {
        compared +=
            index.search(unit(1, dimension, random).get(0).embedding(), 10).distancesComputed();
      }
      assertThat(compared / 20).isBetween(10L, 600L);
    }
  }

  private static List<EmbeddedFace> unit(int count, int dimension, Random random) {
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      faces.add(TreeEqualsFlatTest.face("f" + i, TreeEqualsFlatTest.Kind.UNIT, dimension, random));
    }
    return faces;
  }
}
