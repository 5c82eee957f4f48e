package io.facesearch.index.internal.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.index.internal.tree.CodeUse;
import io.facesearch.index.internal.tree.TreeEqualsFlatTest;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.IntRange;
import io.facesearch.testing.Property;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** All kernels, against arithmetic that needs no thought. */
public class BoundKernelTest {
  public static List<BoundKernel> kernels() {
    List<BoundKernel> kernels = new ArrayList<>(List.of(PlainKernel.INSTANCE));
    Kernels.vector().ifPresent(kernels::add);
    return kernels;
  }

  /** No codes, codes by any kernel, or codes of all dimensions. */
  public static CodeUse anyCodeUse(Random random) {
    BoundKernel kernel = kernels().get(random.nextInt(kernels().size()));
    return switch (random.nextInt(4)) {
      case 0 -> CodeUse.NEVER;
      case 1 -> CodeUse.whole(kernel, Packing.EIGHT_BITS);
      case 2 -> CodeUse.whole(kernel, Packing.FOUR_BITS);
      default -> CodeUse.always(kernel);
    };
  }

  @Test
  void theVectorApiIsThereInTests() {
    assertThat(kernels()).extracting(BoundKernel::name).containsExactly("scalar", "vector");
  }

  @Test
  void thePropertyForcesAKernel() {
    assertThat(Kernels.choose("scalar").name()).isEqualTo("scalar");
    assertThat(Kernels.choose("VECTOR").name()).isEqualTo("vector");
    assertThat(Kernels.choose(null).name()).isEqualTo("vector");
    assertThatThrownBy(() -> Kernels.choose("fast"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("\"fast\"")
        .hasMessageContaining("facesearch.kernel");
  }

  @Property(tries = 300)
  void valuesAreTheSumsModulo65536OrLess(
      @ForAll @IntRange(min = 1, max = 2500) int points,
      @ForAll @IntRange(min = 1, max = 12) int quads,
      @ForAll @IntRange(min = 0, max = 127) int range,
      @ForAll long seed) {
    Random random = new Random(seed);
    int width = 4 * quads;
    byte[][] codes = new byte[points][width];
    short[] weights = new short[width];
    int squares = 0;
    for (int i = 0; i < width; i++) {
      weights[i] = (short) (random.nextInt(4 * range + 1) - 2 * range);
      squares += weights[i] * weights[i];
    }
    int base = squares >> 2;
    int limit = random.nextInt(65536);
    for (BoundKernel kernel : kernels()) {
      CodeBlocks blocks = kernel.newBlocks(points, width);
      for (int p = 0; p < points; p++) {
        int norm = 0;
        for (int i = 0; i < width; i++) {
          codes[p][i] = (byte) (random.nextInt(2 * range + 1) - range);
          norm += codes[p][i] * codes[p][i];
        }
        blocks.put(p, codes[p], norm);
      }
      int size = blocks.blockPoints() * blocks.blockCount();
      assertThat(size).isGreaterThanOrEqualTo(points);
      short[] values = new short[size];
      for (int b = 0; b < blocks.blockCount(); b++) {
        blocks.values(b, weights, base, values, b * blocks.blockPoints());
      }
      for (int p = 0; p < points; p++) {
        int sum = base;
        for (int i = 0; i < width; i++) {
          sum += codes[p][i] * codes[p][i] + weights[i] * codes[p][i];
        }
        assertThat(sum).isNotNegative();
        int most = sum % 65536;
        int least = most + width > 65535 ? 0 : Math.max(0, most - width); // a carry may wrap round
        assertThat(values[p] + 32768).isBetween(least, most);
      }
      int[] hits = new int[size];
      short[] hitValues = new short[size + CodeBlocks.ROOM];
      int count = blocks.filter(0, blocks.blockCount(), weights, base, limit, hits, hitValues);
      boolean[] hit = new boolean[size];
      for (int i = 0; i < count; i++) {
        hit[hits[i]] = true;
        assertThat(hitValues[i]).isEqualTo(values[hits[i]]);
      }
      for (int p = 0; p < points; p++) {
        assertThat(hit[p]).isEqualTo(values[p] + 32768 <= limit);
      }
    }
  }

  /** Words of any bits, times any factors, for one query and for several. */
  @Property(tries = 300)
  void sumsOfWordsAreThoseModulo65536(
      @ForAll Packing packing,
      @ForAll @IntRange(min = 1, max = 12) int pairs,
      @ForAll @IntRange(min = 1, max = 5) int vectors,
      @ForAll long seed) {
    Random random = new Random(seed);
    short[][] words = new short[2 * pairs + 4][128 * vectors];
    for (short[] word : words) {
      fill(word, random);
    }
    int first = 2 * random.nextInt(3);
    boolean isOdd = packing == Packing.FOUR_BITS && random.nextBoolean();
    int end = first + 2 * pairs - (isOdd ? 1 : 0);
    int queries = 1 + random.nextInt(PackedCodes.MOST_QUERIES);
    short[][] factors = new short[queries][words.length * packing.fields];
    short[][] start = new short[queries][words[0].length];
    for (int q = 0; q < queries; q++) {
      fill(factors[q], random);
      fill(start[q], random);
    }
    int from = 128 * random.nextInt(vectors);
    for (BoundKernel kernel : kernels()) {
      short[][] sums = Arrays.stream(start).map(short[]::clone).toArray(short[][]::new);
      short[] part = start[0].clone();
      kernel.addWords(packing, words, first, end, factors, sums, queries, part.length);
      kernel.addWords(packing, words, first, end, factors[0], part, from, part.length);
      for (int j = 0; j < part.length; j++) {
        for (int q = 0; q < queries; q++) {
          int expected = start[q][j];
          for (int i = first; i < end; i++) {
            for (int t = 0; t < packing.fields; t++) {
              expected += factors[q][i * packing.fields + t] * (words[i][j] >> packing.bits * t);
            }
          }
          assertThat(sums[q][j]).isEqualTo((short) expected);
        }
        assertThat(part[j]).isEqualTo(j < from ? start[0][j] : sums[0][j]);
      }
    }
  }

  private static void fill(short[] values, Random random) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (short) random.nextInt();
    }
  }

  @Property(tries = 300)
  void rowDistancesAreNeverAboveTheTruth(
      @ForAll @IntRange(min = 1, max = 4) int width,
      @ForAll @IntRange(min = 0, max = 127) int range,
      @ForAll long seed) {
    Random random = new Random(seed);
    short[] query = new short[32 * width];
    byte[] rows = new byte[3 * query.length];
    int expected = 0;
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (byte) (random.nextInt(2 * range + 1) - range);
    }
    for (int i = 0; i < query.length - 1; i++) {
      query[i] = (short) (random.nextInt(2 * range + 1) - range);
      int difference = query[i] - rows[query.length + i];
      expected += difference * difference;
    }
    for (BoundKernel kernel : kernels()) {
      int found = kernel.rowDistance(query, rows, query.length);
      assertThat(found == expected || found == expected % 65536).isTrue();
    }
  }

  @Property(tries = 300)
  void productsOfPairsAreExact(
      @ForAll @IntRange(min = 1, max = 300) int pairs,
      @ForAll @IntRange(min = 0, max = 9) int offset,
      @ForAll long seed) {
    Random random = new Random(seed);
    int[] low = random.ints(pairs, -5000, 5000).toArray();
    int[] high = random.ints(pairs, -5000, 5000).toArray();
    byte[] rows = new byte[offset + pairs + random.nextInt(2)]; // nothing behind is read
    random.nextBytes(rows);
    int expected = 0;
    for (int i = 0; i < pairs; i++) {
      int two = rows[offset + i];
      expected += low[i] * Math.floorMod(two, 16) + high[i] * Math.floorDiv(two, 16);
    }
    for (BoundKernel kernel : kernels()) {
      assertThat(kernel.pairsDot(low, high, rows, offset)).isEqualTo(expected);
    }
  }

  @Property(tries = 100)
  void foldedMarksAreThereWhereAnyOfThoseLaidTogetherIs(
      @ForAll @IntRange(min = 0, max = 200) int marked, @ForAll long seed) {
    Random random = new Random(seed);
    short[] marks = new short[4096];
    short[] folded = new short[512];
    Arrays.fill(folded, (short) -1);
    for (int i = 0; i < marks.length; i++) {
      marks[i] = (short) random.nextInt(32768);
    }
    boolean[] expected = new boolean[folded.length];
    for (int i = 0; i < marked; i++) {
      int place = random.nextInt(marks.length);
      marks[place] = (short) ~random.nextInt(32768);
      expected[place % expected.length] = true;
    }
    PackedCodes.fold(marks, new short[folded.length], folded);
    for (int j = 0; j < folded.length; j++) {
      assertThat(folded[j] < 0).isEqualTo(expected[j]);
    }
  }

  @Property(tries = 500)
  void squaredDistancesHaveTheSameBits(
      @ForAll TreeEqualsFlatTest.Kind kind,
      @ForAll @IntRange(min = 1, max = 300) int dimension,
      @ForAll @IntRange(min = 0, max = 9) int offset,
      @ForAll long seed) {
    Random random = new Random(seed);
    float[] a = new float[dimension];
    float[] b = new float[dimension];
    kind.fill(a, random);
    kind.fill(b, random);
    double[] query = new double[dimension];
    Arrays.setAll(query, i -> a[i]);
    float[] rows = new float[offset + dimension];
    System.arraycopy(b, 0, rows, offset, dimension);
    double expected = Kernel.squaredDistance(query, rows, offset, Double.POSITIVE_INFINITY);
    for (BoundKernel kernel : kernels()) {
      assertThat(kernel.squaredDistance(query, rows, offset, expected)).isEqualTo(expected);
      if (expected > 0) {
        double limit = expected * random.nextDouble() * 0.99;
        double found = kernel.squaredDistance(query, rows, offset, limit);
        assertThat(found).isGreaterThan(limit).isLessThanOrEqualTo(expected);
      }
    }
  }

  @Property(tries = 200)
  void rotationsAgree(
      @ForAll @IntRange(min = 1, max = 70) int dimension,
      @ForAll @IntRange(min = 1, max = 14) int eighths,
      @ForAll long seed) {
    Random random = new Random(seed);
    double[] vector = random.doubles(dimension).toArray();
    double[][] columns = new double[dimension][];
    Arrays.setAll(columns, j -> random.doubles(8L * eighths).toArray());
    for (BoundKernel kernel : kernels()) {
      double[] result = new double[8 * eighths];
      kernel.rotate(vector, columns, result);
      for (int i = 0; i < result.length; i++) {
        double sum = 0;
        for (int j = 0; j < dimension; j++) {
          sum += vector[j] * columns[j][i];
        }
        assertThat(result[i]).isCloseTo(sum, within(1e-12));
      }
    }
  }
}
