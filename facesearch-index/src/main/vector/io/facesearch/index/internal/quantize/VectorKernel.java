package io.facesearch.index.internal.quantize;

import java.util.List;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The Vector API. This class is compiled apart from the others, and nothing may name it but {@link
 * Kernels}, which loads it only where the module {@code jdk.incubator.vector} is present.
 */
public final class VectorKernel implements BoundKernel {
  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(SHORTS.vectorBitSize() / 2));
  private static final int LANES = SHORTS.length();
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

  /** As many as there are ints, of which there must be eight. */
  private static final VectorSpecies<Byte> FEW_BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, INTS.vectorBitSize() / 4)));

  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Float> EIGHT_FLOATS = FloatVector.SPECIES_256;
  private static final VectorSpecies<Double> FOUR_DOUBLES = DoubleVector.SPECIES_256;
  private static final VectorSpecies<Double> EIGHT_DOUBLES = DoubleVector.SPECIES_512;

  /** Made by reflection. */
  VectorKernel() {
    if (SHORTS.vectorBitSize() < 128 || SHORTS.vectorBitSize() > 512) {
      throw new UnsupportedOperationException("vectors of " + SHORTS.vectorBitSize() + " bits");
    }
  }

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public int firstWidth() {
    return 64;
  }

  @Override
  public int neighbors() {
    return 12;
  }

  @Override
  public CodeBlocks newBlocks(int points, int width) {
    return new Blocks(points, width);
  }

  @Override
  public void addWords(
      Packing packing,
      short[][] words,
      int first,
      int end,
      short[] factors,
      short[] sums,
      int from,
      int to) {
    int step = 2 * PlainKernel.wordsAtOnce(packing);
    int i = first;
    for (; i + step <= end; i += step) {
      int at = i * packing.fields;
      if (packing == Packing.EIGHT_BITS) {
        addPairs(words[i], words[i + 1], words[i + 2], words[i + 3], factors, at, sums, from, to);
      } else {
        addFours(words[i], words[i + 1], factors, at, sums, from, to);
      }
    }
    for (; i < end; i += step / 2) {
      PlainKernel.add(packing, words, i, factors, sums, from, to);
    }
  }

  @Override
  public void addWords(
      Packing packing,
      short[][] words,
      int first,
      int end,
      short[][] factors,
      short[][] sums,
      int queries,
      int to) {
    int paired = queries & -2;
    int i = first;
    for (; i + 2 <= end; i += 2) {
      int at = i * packing.fields;
      for (int q = 0; q < paired; q += 2) {
        short[] k = factors[q];
        short[] n = factors[q + 1];
        if (packing == Packing.EIGHT_BITS) {
          addPairs(words[i], words[i + 1], k, n, at, sums[q], sums[q + 1], to);
        } else {
          addFours(words[i], words[i + 1], k, n, at, sums[q], sums[q + 1], to);
        }
      }
    }
    for (int q = 0; i < end && q < paired; q++) {
      PlainKernel.add(packing, words, i, factors[q], sums[q], 0, to);
    }
    if (paired < queries) {
      addWords(packing, words, first, end, factors[paired], sums[paired], 0, to);
    }
  }

  /** Four words at once: the sums are read and written once for eight codes. */
  private static void addPairs(
      short[] w0,
      short[] w1,
      short[] w2,
      short[] w3,
      short[] k,
      int at,
      short[] sums,
      int from,
      int to) {
    ShortVector a0 = ShortVector.broadcast(SHORTS, k[at]);
    ShortVector b0 = ShortVector.broadcast(SHORTS, k[at + 1]);
    ShortVector a1 = ShortVector.broadcast(SHORTS, k[at + 2]);
    ShortVector b1 = ShortVector.broadcast(SHORTS, k[at + 3]);
    ShortVector a2 = ShortVector.broadcast(SHORTS, k[at + 4]);
    ShortVector b2 = ShortVector.broadcast(SHORTS, k[at + 5]);
    ShortVector a3 = ShortVector.broadcast(SHORTS, k[at + 6]);
    ShortVector b3 = ShortVector.broadcast(SHORTS, k[at + 7]);
    for (int j = from; j < to; j += LANES) {
      ShortVector x0 = ShortVector.fromArray(SHORTS, w0, j);
      ShortVector x1 = ShortVector.fromArray(SHORTS, w1, j);
      ShortVector x2 = ShortVector.fromArray(SHORTS, w2, j);
      ShortVector x3 = ShortVector.fromArray(SHORTS, w3, j);
      ShortVector y0 = x0.mul(a0).add(x0.lanewise(VectorOperators.ASHR, 8).mul(b0));
      ShortVector y1 = x1.mul(a1).add(x1.lanewise(VectorOperators.ASHR, 8).mul(b1));
      ShortVector y2 = x2.mul(a2).add(x2.lanewise(VectorOperators.ASHR, 8).mul(b2));
      ShortVector y3 = x3.mul(a3).add(x3.lanewise(VectorOperators.ASHR, 8).mul(b3));
      ShortVector.fromArray(SHORTS, sums, j).add(y0.add(y1).add(y2.add(y3))).intoArray(sums, j);
    }
  }

  private static void addFours(
      short[] w0, short[] w1, short[] k, int at, short[] sums, int from, int to) {
    ShortVector a0 = ShortVector.broadcast(SHORTS, k[at]);
    ShortVector b0 = ShortVector.broadcast(SHORTS, k[at + 1]);
    ShortVector c0 = ShortVector.broadcast(SHORTS, k[at + 2]);
    ShortVector d0 = ShortVector.broadcast(SHORTS, k[at + 3]);
    ShortVector a1 = ShortVector.broadcast(SHORTS, k[at + 4]);
    ShortVector b1 = ShortVector.broadcast(SHORTS, k[at + 5]);
    ShortVector c1 = ShortVector.broadcast(SHORTS, k[at + 6]);
    ShortVector d1 = ShortVector.broadcast(SHORTS, k[at + 7]);
    for (int j = from; j < to; j += LANES) {
      ShortVector x0 = ShortVector.fromArray(SHORTS, w0, j);
      ShortVector x1 = ShortVector.fromArray(SHORTS, w1, j);
      ShortVector y0 =
          x0.mul(a0)
              .add(x0.lanewise(VectorOperators.ASHR, 4).mul(b0))
              .add(
                  x0.lanewise(VectorOperators.ASHR, 8)
                      .mul(c0)
                      .add(x0.lanewise(VectorOperators.ASHR, 12).mul(d0)));
      ShortVector y1 =
          x1.mul(a1)
              .add(x1.lanewise(VectorOperators.ASHR, 4).mul(b1))
              .add(
                  x1.lanewise(VectorOperators.ASHR, 8)
                      .mul(c1)
                      .add(x1.lanewise(VectorOperators.ASHR, 12).mul(d1)));
      ShortVector.fromArray(SHORTS, sums, j).add(y0.add(y1)).intoArray(sums, j);
    }
  }

  /** Two words for two queries, which share the words and what is shifted. */
  private static void addPairs(
      short[] w0, short[] w1, short[] k, short[] n, int at, short[] sums, short[] others, int to) {
    ShortVector a0 = ShortVector.broadcast(SHORTS, k[at]);
    ShortVector b0 = ShortVector.broadcast(SHORTS, k[at + 1]);
    ShortVector a1 = ShortVector.broadcast(SHORTS, k[at + 2]);
    ShortVector b1 = ShortVector.broadcast(SHORTS, k[at + 3]);
    ShortVector d0 = ShortVector.broadcast(SHORTS, n[at]);
    ShortVector e0 = ShortVector.broadcast(SHORTS, n[at + 1]);
    ShortVector d1 = ShortVector.broadcast(SHORTS, n[at + 2]);
    ShortVector e1 = ShortVector.broadcast(SHORTS, n[at + 3]);
    for (int j = 0; j < to; j += LANES) {
      ShortVector x0 = ShortVector.fromArray(SHORTS, w0, j);
      ShortVector x1 = ShortVector.fromArray(SHORTS, w1, j);
      ShortVector y0 = x0.lanewise(VectorOperators.ASHR, 8);
      ShortVector y1 = x1.lanewise(VectorOperators.ASHR, 8);
      ShortVector.fromArray(SHORTS, sums, j)
          .add(x0.mul(a0).add(y0.mul(b0)).add(x1.mul(a1).add(y1.mul(b1))))
          .intoArray(sums, j);
      ShortVector.fromArray(SHORTS, others, j)
          .add(x0.mul(d0).add(y0.mul(e0)).add(x1.mul(d1).add(y1.mul(e1))))
          .intoArray(others, j);
    }
  }

  private static void addFours(
      short[] w0, short[] w1, short[] k, short[] n, int at, short[] sums, short[] others, int to) {
    ShortVector a0 = ShortVector.broadcast(SHORTS, k[at]);
    ShortVector b0 = ShortVector.broadcast(SHORTS, k[at + 1]);
    ShortVector c0 = ShortVector.broadcast(SHORTS, k[at + 2]);
    ShortVector d0 = ShortVector.broadcast(SHORTS, k[at + 3]);
    ShortVector a1 = ShortVector.broadcast(SHORTS, k[at + 4]);
    ShortVector b1 = ShortVector.broadcast(SHORTS, k[at + 5]);
    ShortVector c1 = ShortVector.broadcast(SHORTS, k[at + 6]);
    ShortVector d1 = ShortVector.broadcast(SHORTS, k[at + 7]);
    ShortVector e0 = ShortVector.broadcast(SHORTS, n[at]);
    ShortVector f0 = ShortVector.broadcast(SHORTS, n[at + 1]);
    ShortVector g0 = ShortVector.broadcast(SHORTS, n[at + 2]);
    ShortVector h0 = ShortVector.broadcast(SHORTS, n[at + 3]);
    ShortVector e1 = ShortVector.broadcast(SHORTS, n[at + 4]);
    ShortVector f1 = ShortVector.broadcast(SHORTS, n[at + 5]);
    ShortVector g1 = ShortVector.broadcast(SHORTS, n[at + 6]);
    ShortVector h1 = ShortVector.broadcast(SHORTS, n[at + 7]);
    for (int j = 0; j < to; j += LANES) {
      ShortVector x0 = ShortVector.fromArray(SHORTS, w0, j);
      ShortVector y0 = x0.lanewise(VectorOperators.ASHR, 4);
      ShortVector z0 = x0.lanewise(VectorOperators.ASHR, 8);
      ShortVector u0 = x0.lanewise(VectorOperators.ASHR, 12);
      ShortVector x1 = ShortVector.fromArray(SHORTS, w1, j);
      ShortVector y1 = x1.lanewise(VectorOperators.ASHR, 4);
      ShortVector z1 = x1.lanewise(VectorOperators.ASHR, 8);
      ShortVector u1 = x1.lanewise(VectorOperators.ASHR, 12);
      ShortVector.fromArray(SHORTS, sums, j)
          .add(x0.mul(a0).add(y0.mul(b0)).add(z0.mul(c0).add(u0.mul(d0))))
          .add(x1.mul(a1).add(y1.mul(b1)).add(z1.mul(c1).add(u1.mul(d1))))
          .intoArray(sums, j);
      ShortVector.fromArray(SHORTS, others, j)
          .add(x0.mul(e0).add(y0.mul(f0)).add(z0.mul(g0).add(u0.mul(h0))))
          .add(x1.mul(e1).add(y1.mul(f1)).add(z1.mul(g1).add(u1.mul(h1))))
          .intoArray(others, j);
    }
  }

  @Override
  public void rotate(double[] vector, double[][] columns, double[] result) {
    int lanes = DOUBLES.length();
    int length = DOUBLES.loopBound(result.length);
    int i = 0;
    for (; i + 4 * lanes <= length; i += 4 * lanes) {
      DoubleVector a = DoubleVector.fromArray(DOUBLES, result, i);
      DoubleVector b = DoubleVector.fromArray(DOUBLES, result, i + lanes);
      DoubleVector c = DoubleVector.fromArray(DOUBLES, result, i + 2 * lanes);
      DoubleVector d = DoubleVector.fromArray(DOUBLES, result, i + 3 * lanes);
      for (int j = 0; j < vector.length; j++) {
        double[] column = columns[j];
        DoubleVector weight = DoubleVector.broadcast(DOUBLES, vector[j]);
        a = a.add(weight.mul(DoubleVector.fromArray(DOUBLES, column, i)));
        b = b.add(weight.mul(DoubleVector.fromArray(DOUBLES, column, i + lanes)));
        c = c.add(weight.mul(DoubleVector.fromArray(DOUBLES, column, i + 2 * lanes)));
        d = d.add(weight.mul(DoubleVector.fromArray(DOUBLES, column, i + 3 * lanes)));
      }
      a.intoArray(result, i);
      b.intoArray(result, i + lanes);
      c.intoArray(result, i + 2 * lanes);
      d.intoArray(result, i + 3 * lanes);
    }
    for (; i < length; i += lanes) {
      DoubleVector a = DoubleVector.fromArray(DOUBLES, result, i);
      for (int j = 0; j < vector.length; j++) {
        a = a.add(DoubleVector.fromArray(DOUBLES, columns[j], i).mul(vector[j]));
      }
      a.intoArray(result, i);
    }
    for (; i < result.length; i++) {
      for (int j = 0; j < vector.length; j++) {
        result[i] += vector[j] * columns[j][i];
      }
    }
  }

  /** Modulo 2^16: what is lost by that only makes the bound smaller. */
  @Override
  public int rowDistance(short[] query, byte[] rows, int offset) {
    ShortVector sum = ShortVector.zero(SHORTS);
    for (int i = 0; i < query.length; i += LANES) {
      ShortVector difference = ShortVector.fromArray(SHORTS, query, i).sub(widen(rows, offset + i));
      sum = sum.add(difference.mul(difference));
    }
    int end = rows[offset + query.length - 1];
    return (sum.reduceLanes(VectorOperators.ADD) - end * end) & 0xffff;
  }

  private static ShortVector widen(byte[] codes, int offset) {
    return (ShortVector)
        ByteVector.fromArray(BYTES, codes, offset).convertShape(VectorOperators.B2S, SHORTS, 0);
  }

  @Override
  public int pairsDot(int[] low, int[] high, byte[] rows, int offset) {
    if (INTS.length() != FEW_BYTES.length()) {
      return PlainKernel.pairsDot(low, high, rows, offset, 0);
    }
    IntVector sum = IntVector.zero(INTS);
    int whole = INTS.loopBound(low.length);
    for (int i = 0; i < whole; i += INTS.length()) {
      IntVector two =
          (IntVector)
              ByteVector.fromArray(FEW_BYTES, rows, offset + i)
                  .convertShape(VectorOperators.B2I, INTS, 0);
      sum =
          sum.add(two.and(15).mul(IntVector.fromArray(INTS, low, i)))
              .add(two.lanewise(VectorOperators.ASHR, 4).mul(IntVector.fromArray(INTS, high, i)));
    }
    return sum.reduceLanes(VectorOperators.ADD)
        + PlainKernel.pairsDot(low, high, rows, offset, whole);
  }

  @Override
  public double dot(double[] weights, int offset, double[] query) {
    int lanes = DOUBLES.length();
    DoubleVector a = DoubleVector.zero(DOUBLES);
    DoubleVector b = DoubleVector.zero(DOUBLES);
    int i = 0;
    for (; i + 2 * lanes <= query.length; i += 2 * lanes) {
      a =
          a.add(
              DoubleVector.fromArray(DOUBLES, weights, offset + i)
                  .mul(DoubleVector.fromArray(DOUBLES, query, i)));
      b =
          b.add(
              DoubleVector.fromArray(DOUBLES, weights, offset + i + lanes)
                  .mul(DoubleVector.fromArray(DOUBLES, query, i + lanes)));
    }
    double sum = a.add(b).reduceLanes(VectorOperators.ADD);
    for (; i < query.length; i++) {
      sum += weights[offset + i] * query[i];
    }
    return sum;
  }

  @Override
  public double squaredDistance(double[] query, float[] rows, int offset, double limit) {
    return switch (DOUBLES.length()) {
      case 8 -> squaredDistanceByEight(query, rows, offset);
      case 4 -> squaredDistanceByFour(query, rows, offset);
      default -> Kernel.squaredDistance(query, rows, offset, limit);
    };
  }

  private static double squaredDistanceByEight(double[] query, float[] rows, int offset) {
    DoubleVector sum = DoubleVector.zero(EIGHT_DOUBLES);
    int whole = query.length & -8;
    for (int i = 0; i < whole; i += 8) {
      DoubleVector row =
          (DoubleVector)
              FloatVector.fromArray(EIGHT_FLOATS, rows, offset + i)
                  .convertShape(VectorOperators.F2D, EIGHT_DOUBLES, 0);
      DoubleVector difference = DoubleVector.fromArray(EIGHT_DOUBLES, query, i).sub(row);
      sum = sum.add(difference.mul(difference));
    }
    double a0 = sum.lane(0);
    for (int i = whole; i < query.length; i++) {
      double d = query[i] - rows[offset + i];
      a0 += d * d;
    }
    return ((a0 + sum.lane(4)) + (sum.lane(2) + sum.lane(6)))
        + ((sum.lane(1) + sum.lane(5)) + (sum.lane(3) + sum.lane(7)));
  }

  /** The eight lanes of {@link Kernel} in two vectors. */
  private static double squaredDistanceByFour(double[] query, float[] rows, int offset) {
    DoubleVector low = DoubleVector.zero(FOUR_DOUBLES);
    DoubleVector high = DoubleVector.zero(FOUR_DOUBLES);
    int whole = query.length & -8;
    for (int i = 0; i < whole; i += 8) {
      FloatVector row = FloatVector.fromArray(EIGHT_FLOATS, rows, offset + i);
      DoubleVector a =
          DoubleVector.fromArray(FOUR_DOUBLES, query, i)
              .sub((DoubleVector) row.convertShape(VectorOperators.F2D, FOUR_DOUBLES, 0));
      DoubleVector b =
          DoubleVector.fromArray(FOUR_DOUBLES, query, i + 4)
              .sub((DoubleVector) row.convertShape(VectorOperators.F2D, FOUR_DOUBLES, 1));
      low = low.add(a.mul(a));
      high = high.add(b.mul(b));
    }
    double a0 = low.lane(0);
    for (int i = whole; i < query.length; i++) {
      double d = query[i] - rows[offset + i];
      a0 += d * d;
    }
    return ((a0 + high.lane(0)) + (low.lane(2) + high.lane(2)))
        + ((low.lane(1) + high.lane(1)) + (low.lane(3) + high.lane(3)));
  }

  /** Codes as bytes, dimension by dimension in blocks of 128 points. */
  private static final class Blocks implements CodeBlocks {
    private static final int POINTS = 128;

    private final int width;
    private final int count;
    private final byte[] codes;

    /** Less 2^15, so that values compare as signed numbers. */
    private final short[] norms;

    Blocks(int points, int width) {
      this.width = width;
      count = (points + POINTS - 1) / POINTS;
      codes = new byte[Math.multiplyExact(count, width * POINTS)];
      norms = new short[count * POINTS];
    }

    @Override
    public int blockPoints() {
      return POINTS;
    }

    @Override
    public int blockCount() {
      return count;
    }

    @Override
    public void put(int point, byte[] pointCodes, int norm) {
      int at = point / POINTS * width * POINTS + point % POINTS;
      for (int i = 0; i < width; i++) {
        codes[at + i * POINTS] = pointCodes[i];
      }
      norms[point] = (short) (norm - 32768);
    }

    @Override
    public int weights(int point, short[] weights) {
      int at = point / POINTS * width * POINTS + point % POINTS;
      int norm = 0;
      for (int i = 0; i < width; i++) {
        int code = codes[at + i * POINTS];
        weights[i] = (short) (-2 * code);
        norm += code * code;
      }
      return norm;
    }

    @Override
    public void values(int block, short[] weights, int base, short[] target, int offset) {
      for (int part = 0; part < POINTS; part += 4 * LANES) {
        stripe(block * POINTS + part, weights, base, Short.MAX_VALUE, target, offset + part);
      }
    }

    @Override
    public int filter(
        int fromBlock,
        int toBlock,
        short[] weights,
        int base,
        int limit,
        int[] hits,
        short[] values) {
      int most = limit - 32768;
      // Behind the hits there is room for all values of a stripe, of which only the hits are kept.
      int room = values.length - 4 * LANES;
      int found = 0;
      for (int first = fromBlock * POINTS; first < toBlock * POINTS; first += 4 * LANES) {
        if (stripe(first, weights, base, (short) most, values, room)) {
          found = take(values, room, most, first, hits, found);
        }
      }
      return found;
    }

    /**
     * Computes the values of some points, and writes all of them if any is at most {@code most}.
     *
     * <p>All the vectors of a search by codes live and die in this one short method, which is
     * called so often that it is compiled as a whole, not from within a loop ("on-stack"): there
     * the types of vectors are not known, and they go to the heap.
     */
    private boolean stripe(
        int first, short[] weights, int base, short most, short[] target, int offset) {
      int at = first / POINTS * width * POINTS + first % POINTS;
      ShortVector plus = ShortVector.broadcast(SHORTS, (short) base);
      ShortVector a = ShortVector.fromArray(SHORTS, norms, first).add(plus);
      ShortVector b = ShortVector.fromArray(SHORTS, norms, first + LANES).add(plus);
      ShortVector c = ShortVector.fromArray(SHORTS, norms, first + 2 * LANES).add(plus);
      ShortVector d = ShortVector.fromArray(SHORTS, norms, first + 3 * LANES).add(plus);
      for (int i = 0; i < width; i++, at += POINTS) {
        ShortVector w = ShortVector.broadcast(SHORTS, weights[i]);
        a = a.add(w.mul(widen(codes, at)));
        b = b.add(w.mul(widen(codes, at + LANES)));
        c = c.add(w.mul(widen(codes, at + 2 * LANES)));
        d = d.add(w.mul(widen(codes, at + 3 * LANES)));
      }
      if (!a.min(b).min(c.min(d)).compare(VectorOperators.LE, most).anyTrue()) {
        return false;
      }
      a.intoArray(target, offset);
      b.intoArray(target, offset + LANES);
      c.intoArray(target, offset + 2 * LANES);
      d.intoArray(target, offset + 3 * LANES);
      return true;
    }

    private static int take(short[] values, int room, int most, int first, int[] hits, int found) {
      int count = found;
      for (int i = 0; i < 4 * LANES; i++) {
        short value = values[room + i];
        if (value <= most) {
          hits[count] = first + i;
          values[count++] = value;
        }
      }
      return count;
    }

    @Override
    public List<Object[]> arrays() {
      return List.of(new Object[] {codes}, new Object[] {norms});
    }

    @Override
    public long bytes() {
      return codes.length + 2L * norms.length;
    }
  }
}
