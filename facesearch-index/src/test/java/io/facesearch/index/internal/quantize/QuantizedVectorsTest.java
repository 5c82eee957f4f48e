package io.facesearch.index.internal.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.index.internal.tree.TreeEqualsFlatTest;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.IntRange;
import io.facesearch.testing.Property;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QuantizedVectorsTest {
  /** Neither stage excludes a vector when the limit is its own distance, to the last bit. */
  @Property(tries = 150)
  void boundsAreNeverAboveTheDistance(
      @ForAll TreeEqualsFlatTest.Kind kind,
      @ForAll @IntRange(min = 1, max = 512) int maxDimension,
      @ForAll @IntRange(min = 1, max = 300) int count,
      @ForAll boolean queryOfAnotherKind,
      @ForAll long seed) {
    Random random = new Random(seed);
    int dimension = random.nextBoolean() ? 1 + random.nextInt(maxDimension) : 1 + maxDimension % 9;
    float[] rows = new float[count * dimension];
    for (int i = 0; i < count; i++) {
      fill(rows, i, dimension, kind, random);
    }
    TreeEqualsFlatTest.Kind[] kinds = TreeEqualsFlatTest.Kind.values();
    for (BoundKernel kernel : BoundKernelTest.kernels()) {
      QuantizedVectors codes =
          QuantizedVectors.of(kernel, VectorSource.of(rows, dimension), count, dimension);
      if (codes == null) {
        continue;
      }
      CodedQuery coded = new CodedQuery(codes);
      short[] values = new short[codes.blocks.blockCount() * codes.blocks.blockPoints()];
      for (int q = 0; q < 5; q++) {
        float[] vector = new float[dimension];
        fill(
            vector,
            0,
            dimension,
            queryOfAnotherKind ? kinds[random.nextInt(kinds.length)] : kind,
            random);
        double[] query = new double[dimension];
        for (int j = 0; j < dimension; j++) {
          query[j] = q == 4 ? rows[j] : vector[j];
        }
        coded.set(query);
        for (int b = 0; b < codes.blocks.blockCount(); b++) {
          codes.blocks.values(b, coded.weights, coded.base, values, b * codes.blocks.blockPoints());
        }
        for (int i = 0; i < count; i++) {
          double squared =
              Kernel.squaredDistance(query, rows, i * dimension, Double.POSITIVE_INFINITY);
          coded.limit(squared, codes);
          assertThat(coded.passes(codes, i, values[i])).as("row %d", i).isTrue();
        }
      }
    }
  }

  private static void fill(
      float[] rows, int row, int dimension, TreeEqualsFlatTest.Kind kind, Random random) {
    float[] vector = new float[dimension];
    kind.fill(vector, random);
    System.arraycopy(vector, 0, rows, row * dimension, dimension);
  }

  /** The kinds of data that matter must not fall back to the plain search without notice. */
  @Test
  void mostKindsOfDataAreCoded() {
    Random random = new Random(8);
    for (TreeEqualsFlatTest.Kind kind : TreeEqualsFlatTest.Kind.values()) {
      float[] rows = new float[200 * 64];
      for (int i = 0; i < 200; i++) {
        fill(rows, i, 64, kind, random);
      }
      QuantizedVectors codes =
          QuantizedVectors.of(PlainKernel.INSTANCE, VectorSource.of(rows, 64), 200, 64);
      assertThat(codes == null).as("%s", kind).isEqualTo(kind == TreeEqualsFlatTest.Kind.EQUAL);
    }
  }

  /** On spread-out data the two stages leave few vectors over. */
  @Test
  void mostVectorsAreExcluded() {
    long seed = 11;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    int count = 5000;
    int dimension = 100;
    float[] rows = new float[count * dimension];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) (random.nextGaussian() / (1 + i % dimension * 0.1));
    }
    for (BoundKernel kernel : BoundKernelTest.kernels()) {
      QuantizedVectors codes =
          QuantizedVectors.of(kernel, VectorSource.of(rows, dimension), count, dimension);
      CodedQuery coded = new CodedQuery(codes);
      short[] values = new short[codes.blocks.blockCount() * codes.blocks.blockPoints()];
      double[] query = new double[dimension];
      for (int j = 0; j < dimension; j++) {
        query[j] = rows[j] + 0.1 * random.nextGaussian();
      }
      coded.set(query);
      for (int b = 0; b < codes.blocks.blockCount(); b++) {
        codes.blocks.values(b, coded.weights, coded.base, values, b * codes.blocks.blockPoints());
      }
      double[] squared = new double[count];
      for (int i = 0; i < count; i++) {
        squared[i] = Kernel.squaredDistance(query, rows, i * dimension, Double.POSITIVE_INFINITY);
      }
      double[] sorted = squared.clone();
      Arrays.sort(sorted);
      coded.limit(sorted[9], codes);
      int left = 0;
      for (int i = 0; i < count; i++) {
        left += coded.passes(codes, i, values[i]) ? 1 : 0;
      }
      assertThat(left).isBetween(10, 100);
    }
  }
}
