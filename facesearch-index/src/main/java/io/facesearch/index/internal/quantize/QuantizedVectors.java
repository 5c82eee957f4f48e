package io.facesearch.index.internal.quantize;

import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Small integers for every vector of a tree from which a search finds lower bounds of distances, in
 * two stages: the first reads 66 bytes of each vector, the second 32 more of the few that are left;
 * or in one, which reads 8 or 4 bits of each dimension. The vectors that neither excludes are
 * compared in full, so that the answer is that of a plain scan. Immutable.
 *
 * <p><b>The map.</b> Let z = x − center, and let the rows of R be the directions of a {@link
 * Rotation}, R₁ its first ones and R₂ the others. With Q an orthonormal basis of the space of the
 * rows of R (Q₁ of those of R₁), let p = ‖z − Q₁ᵀQ₁z‖ and r = ‖z − QᵀQz‖, what the directions leave
 * over. By the triangle inequality in the space that is left over, for two vectors x and y,
 *
 * <pre>
 *   ‖x − y‖² ≥ ‖Q₁z(x) − Q₁z(y)‖² + (p(x) − p(y))²                            (first stage)
 *   ‖x − y‖² ≥ ‖Q z(x) − Q z(y)‖² + (r(x) − r(y))²                            (second stage)
 * </pre>
 *
 * With ε ≥ ‖R·Rᵀ − I‖, which was computed, ‖R v‖² ≤ (1 + ε)·‖Q v‖² for every v; so φ₁(x) = (R₁z,
 * p), and φ₂(x) = (R₁z, R₂z, r), do not lengthen distances by more than √(1 + ε).
 *
 * <p><b>Clipping and codes.</b> Coordinates are clipped to the range that codes can express, which
 * never moves two vectors apart. A code c stands for s·c, s being the step of its stage. Let C(x)
 * be the clipped φ(x) as computed, e(x) = ‖C(x) − s·c(x)‖ the error of the codes of a vector, and
 * h(x) a bound of what rounding may have added, ‖C(x) − exact C(x)‖ ≤ h(x). By the triangle
 * inequality
 *
 * <pre>
 *   s·‖c(x) − c(y)‖ ≤ √(1 + ε)·‖x − y‖ + e(x) + e(y) + h(x) + h(y)
 * </pre>
 *
 * A vector x can therefore be left out if s²·‖c(x) − c(y)‖² is above (√limit·(1 + ε) + e(x) + e(y)
 * + h(x) + h(y))². For e(x) and h(x) the greatest of all vectors is taken; clipping keeps the
 * former below s·√(number of codes)/2. (1 + 10⁻⁹) covers the rounding of these last operations,
 * each of which errs by 2⁻⁵² at most, and that of the distances the limit is compared with.
 *
 * <p><b>Rounding of φ.</b> With u = 2⁻⁵³ and all sums in double precision: z errs by u relatively;
 * each of the at most 128 products of R with z errs by at most (d + 2)·u·1.01·‖z‖, all together by
 * 12·(d + 2)·u·‖z‖. ‖z‖² − ‖R z‖² errs by (2·(d + 2) + 24·(d + 2) + 4)·u·‖z‖² ≤ 32·(d + 4)·u·‖z‖²,
 * and differs from r² by at most 2·ε·‖z‖²; the square root of a number that errs by η² errs by at
 * most η. So h(x) = (√(32·(d + 4)·u + 2·ε) + 12·(d + 2)·u)·‖z‖, doubled to spare the small terms.
 * Floats neither overflow nor underflow as doubles, and neither do their squares.
 *
 * <p><b>All dimensions.</b> Where no direction is better than another, {@link #whole} codes the
 * coordinates of z themselves: φ(x) = z, no rest, no second stage, ε = 0, and h(x) ≤ 2⁻⁵³·‖z‖ from
 * the subtraction of the center. All else holds as it stands.
 *
 * <p><b>Sixteen bits.</b> The query is coded in half steps, as weights w = −2·code, and I = ‖c(x)‖²
 * + Σ w·c(x) + ⌊Σ w²/4⌋ is at most ‖c(x) − c(y)‖². It is a whole number above −1, so at least 0.
 * Kernels compute I modulo 2^16, or less: never above I if taken as a number from 0 to 65535. The
 * step is chosen so that this hardly ever happens to matter. Where codes lie in groups, all this
 * holds for each, and the value is the sum of the ⌊I / 2^shift⌋ of the groups, at most ‖c(x) −
 * c(y)‖² / 2^shift.
 *
 * <p><b>Four bits.</b> Steps are so coarse that e(x) would be the greater part of the bound. A code
 * c of −8 to 7 stands for s·(c + ½), so that x has ẑ and leaves r = z − ẑ, of whatever length: no
 * clipping is assumed. With y = q − center, computed as z is,
 *
 * <pre>
 *   ‖z − y‖² = ‖z‖² + ‖y‖² − 2·ẑ·y − 2·r·y ≥ ‖z‖² + ‖y‖² − 2·ẑ·y − 2·‖r‖·‖y‖
 * </pre>
 *
 * which needs e twice and not √limit times e twice, and the e of this vector, not of all. In units
 * of 1 / {@link #secondStep T}, with E(x) = ⌈‖r‖ / ε⌉, m = ⌈2·T·ε·‖y‖⌉ and w = −2·T·s·y rounded,
 *
 * <pre>
 *   I = ⌊T·‖z‖²⌋ − E(x)·m + Σ w·c(x) + base,  base = T·(‖y‖² − s·Σ y) + room, rounded up
 * </pre>
 *
 * is a whole number. Rounding w moves it by at most δ = ‖w + 2·T·s·y‖·‖c(x)‖. So I ≤ T·‖z − y‖² +
 * room + δ + 2; and as −2·r·y ≤ 2·‖r‖·‖y‖, I ≥ T·‖z − y‖² − 2·T·‖r‖·‖y‖ − E(x)·m − δ − 2 + room,
 * which is not negative with room = 2·T·max ‖r‖·‖y‖ + max E·m + δ + 4. Hence I is computed modulo
 * 2^16 as above. Vectors with an ‖r‖, ‖c‖ or ‖z‖ beyond what was foreseen are marked, and always
 * compared: they make nothing wide for the others. A vector within the limit has ‖z − y‖ ≤ √limit +
 * h(x) + h(q). The terms that are rounded in double precision are below 2^30, which errs by less
 * than 1/100 for 4,096 dimensions.
 */
public final class QuantizedVectors {
  /** Codes of the second stage, two of which hold r and p. */
  private static final int SECOND = 32;

  /** Finding directions takes time and memory with the square of the dimension. */
  private static final int GREATEST_DIMENSION = 512;

  /** Codes of all dimensions still have 16 bits for a sum over groups of them. */
  private static final int GREATEST_WHOLE_DIMENSION = 4096;

  private static final int SAMPLE = 512;

  /** Codes of 4 bits stand for the middle of their step. */
  static final double HALF = 0.5;

  /** Errors of codes of 4 bits are counted in so many parts of the greatest. */
  static final int ERRORS = 64;

  /** Codes of what 4 bits leave over have a step that is so much smaller. */
  static final int FINER = 16;

  /** Their errors are counted in so many parts of the greatest of the first codes. */
  static final int FINE_ERRORS = 254;

  /** Their weights are counted in so many parts of a unit of values. */
  static final int PARTS = 64;

  /** What is foreseen is so much more than what a sample has. */
  private static final double MORE = 1.25;

  /** Greater terms would err too much. */
  static final double GREATEST_TERM = 0x1p30;

  /** Of codes of 4 bits one vector in so many may be without a proved error. */
  private static final int UNPROVED_SHARE = 100;

  public final BoundKernel kernel;
  public final Packing packing;

  public final Rotation rotation;
  public final CodeBlocks blocks;

  /** Codes of the second stage, point by point; empty if the first stage has all dimensions. */
  public final byte[] rows;

  public final int dimension;
  public final int points;

  /** Whether the coordinates themselves are coded, all of them, in one stage. */
  public final boolean isWhole;

  /** Directions of the first stage, and the number of its codes, a multiple of 4. */
  final int first;

  public final int firstWidth;

  /** Directions of the second stage, and the number of its codes, a multiple of 32, or 0. */
  final int second;

  public final int secondWidth;

  final double firstStep;

  /** Of codes of 4 bits, T: the units of values in a squared distance. */
  final double secondStep;

  /** What p and r are counted from. */
  final double firstRest;

  final double secondRest;

  /** The greatest ‖r‖ and ‖c‖ that are foreseen of codes of 4 bits, else 0. */
  final double greatestError;

  final double greatestCodes;

  /** Bounds of e(x) in either stage, or of ‖r‖ and ‖c‖, and of h(x), over all vectors. */
  final double firstError;

  final double secondError;
  final double rounding;

  /** h(x) of a vector with ‖z‖ = 1. */
  final double roundingShare;

  private QuantizedVectors(
      BoundKernel kernel,
      Packing packing,
      VectorSource vectors,
      int count,
      int dimension,
      boolean isWhole) {
    this.kernel = kernel;
    this.packing = packing;
    this.dimension = dimension;
    this.isWhole = isWhole;
    points = count;
    first = isWhole ? dimension : firstOf(kernel, dimension);
    firstWidth = firstWidthOf(first, isWhole, packing);
    second = isWhole ? 0 : secondOf(first, dimension);
    secondWidth = hasErrors() ? fineWidth(firstWidth) : secondWidthOf(second);
    rotation =
        isWhole
            ? Rotation.none(vectors, count, dimension)
            : Rotation.of(vectors, count, dimension, first + second);
    roundingShare = roundingShareOf(rotation, dimension);

    CodedPoint[] sample = new CodedPoint[Math.min(count, SAMPLE)];
    double p = 0;
    double r = 0;
    for (int i = 0; i < sample.length; i++) {
      sample[i] = new CodedPoint(this);
      sample[i].rotate(vectors, (int) ((long) i * count / sample.length));
      p += sample[i].firstRest;
      r += sample[i].secondRest;
    }
    firstRest = p / sample.length;
    secondRest = r / sample.length;
    if (hasErrors()) {
      firstStep = coarseStep(sample);
      double[] greatest = greatest(sample, firstStep);
      greatestError = greatest[0] * MORE;
      greatestCodes = greatest[1] * MORE;
      secondStep = 60_000 / (greatest[3] * MORE + 4 * greatestError * greatest[2]);
    } else {
      greatestError = 0;
      greatestCodes = 0;
      firstStep = step(sample, 0, first, true);
      // The rotation of data of lower dimension leaves nothing but noise there.
      secondStep =
          second == 0 ? 0 : Math.max(step(sample, first, first + second, false), firstStep / 4096);
    }

    blocks = newBlocks();
    rows = new byte[Math.multiplyExact(count, secondWidth)];
    IntStream parts = IntStream.range(0, (count + CodeBlocks.MULTIPLE - 1) / CodeBlocks.MULTIPLE);
    Errors errors =
        (vectors.isThreadSafe() ? parts.parallel() : parts)
            .mapToObj(part -> encode(vectors, part))
            .reduce(Errors.NONE, Errors::greatest);
    firstError = errors.first;
    secondError = errors.second;
    rounding = errors.norm * roundingShare;
  }

  /** Codes more vectors with the map and the steps of others. */
  private QuantizedVectors(QuantizedVectors other, VectorSource vectors, int count) {
    kernel = other.kernel;
    packing = other.packing;
    dimension = other.dimension;
    isWhole = other.isWhole;
    points = count;
    first = other.first;
    firstWidth = other.firstWidth;
    second = other.second;
    secondWidth = other.secondWidth;
    rotation = other.rotation;
    roundingShare = other.roundingShare;
    firstRest = other.firstRest;
    secondRest = other.secondRest;
    firstStep = other.firstStep;
    secondStep = other.secondStep;
    blocks = newBlocks();
    rows = new byte[Math.multiplyExact(count, secondWidth)];
    greatestError = other.greatestError;
    greatestCodes = other.greatestCodes;
    Errors errors = encode(vectors, 0);
    firstError = errors.first;
    secondError = errors.second;
    rounding = errors.norm * roundingShare;
  }

  /** Codes that were stored: the blocks and rows are to be filled. */
  public QuantizedVectors(
      BoundKernel kernel,
      Packing packing,
      int count,
      int dimension,
      Rotation rotation,
      double[] scales) {
    this.kernel = kernel;
    this.packing = packing;
    this.dimension = dimension;
    this.rotation = rotation;
    isWhole = rotation.directions == 0;
    points = count;
    first = isWhole ? dimension : firstOf(kernel, dimension);
    firstWidth = firstWidthOf(first, isWhole, packing);
    second = isWhole ? 0 : secondOf(first, dimension);
    secondWidth = hasErrors() ? fineWidth(firstWidth) : secondWidthOf(second);
    roundingShare = roundingShareOf(rotation, dimension);
    firstRest = scales[0];
    secondRest = scales[1];
    firstStep = scales[2];
    secondStep = scales[3];
    firstError = scales[4];
    secondError = scales[5];
    greatestError = hasErrors() ? firstError : 0;
    greatestCodes = hasErrors() ? secondError : 0;
    rounding = scales[6];
    blocks = newBlocks();
    rows = new byte[Math.multiplyExact(count, secondWidth)];
  }

  /** How many numbers {@link #scales()} has. */
  public static final int SCALES = 7;

  /** What is to be stored beside blocks, rows and rotation. */
  public double[] scales() {
    return new double[] {
      firstRest, secondRest, firstStep, secondStep, firstError, secondError, rounding
    };
  }

  /** Directions that the rotation has. */
  public static int directions(BoundKernel kernel, int dimension) {
    int first = firstOf(kernel, dimension);
    return first + secondOf(first, dimension);
  }

  private static int firstOf(BoundKernel kernel, int dimension) {
    return Math.min(dimension, kernel.firstWidth() - 1); // one more code holds p
  }

  /** One more code holds p, which is 0 where all dimensions are coded. */
  private static int firstWidthOf(int first, boolean isWhole, Packing packing) {
    return packing.roundUp(first + (isWhole ? 0 : 1));
  }

  private static int secondOf(int first, int dimension) {
    return Math.min(dimension - first, SECOND - 2);
  }

  private static int secondWidthOf(int second) {
    return second == 0 ? 0 : (second + 2 + 31) & -32;
  }

  private static double roundingShareOf(Rotation rotation, int dimension) {
    if (rotation.directions == 0) {
      return 0x1p-51; // only subtracting the center errs, by 2^-53 of each coordinate
    }
    return 2
        * (Math.sqrt(32 * (dimension + 4) * 0x1p-53 + 2 * rotation.defect)
            + 12 * (dimension + 2) * 0x1p-53);
  }

  /** Whether they prove anything, which takes sound numbers. */
  public boolean isSound() {
    return rotation.defect < 1e-9
        && firstStep > 0
        && Double.isFinite(firstStep)
        && Double.isFinite(firstError + secondError + rounding)
        && (!hasErrors() || (secondStep > 0 && Double.isFinite(secondStep)));
  }

  /**
   * Codes of a few more vectors, at most {@link CodeBlocks#MULTIPLE}, for the same queries.
   *
   * @return null if they cannot be proved right
   */
  public @Nullable QuantizedVectors more(float[] vectors, int count) {
    QuantizedVectors codes = new QuantizedVectors(this, VectorSource.of(vectors, dimension), count);
    return codes.isSound() ? codes : null;
  }

  /**
   * Codes the vectors of a tree.
   *
   * @return null if codes would be of no use, or cannot be proved right
   */
  public static @Nullable QuantizedVectors of(
      BoundKernel kernel, VectorSource vectors, int count, int dimension) {
    if (dimension > GREATEST_DIMENSION || (long) count * SECOND > Integer.MAX_VALUE - 8) {
      return null;
    }
    QuantizedVectors codes =
        new QuantizedVectors(kernel, Packing.EIGHT_BITS, vectors, count, dimension, false);
    return codes.isSound() ? codes : null;
  }

  /**
   * Codes all coordinates of the vectors of a tree, without directions and without a second stage:
   * for vectors that vary about as much in every direction. Of 4 bits, the codes leave more vectors
   * over, but take half of the memory, which is what a search of a large gallery reads.
   *
   * @return null if codes would be of no use, or cannot be proved right
   */
  public static @Nullable QuantizedVectors whole(
      BoundKernel kernel, Packing packing, VectorSource vectors, int count, int dimension) {
    if (dimension > GREATEST_WHOLE_DIMENSION
        || count * wholeRowBytes(packing, dimension) > Integer.MAX_VALUE - 8) {
      return null;
    }
    QuantizedVectors codes = new QuantizedVectors(kernel, packing, vectors, count, dimension, true);
    return codes.isSound() && !codes.leavesMuch() ? codes : null;
  }

  private boolean leavesMuch() {
    return hasErrors()
        && ((PackedCodes) blocks).unprovedCount() > Math.max(4, points / UNPROVED_SHARE);
  }

  /** Bytes of the second codes of a vector all of whose dimensions are coded. */
  public static long wholeRowBytes(@Nullable Packing packing, int dimension) {
    return packing == Packing.FOUR_BITS ? fineWidth(Packing.FOUR_BITS.roundUp(dimension)) : 0;
  }

  /** Two codes in a byte, and a byte for the error. */
  private static int fineWidth(int width) {
    return width / 2 + 1;
  }

  /** Whether each vector has an error of its own. */
  boolean hasErrors() {
    return packing == Packing.FOUR_BITS;
  }

  /**
   * A step with which both hold: the square of the distance of nearly all pairs fits in 16 bits,
   * and codes are not clipped, as long as values lie about as far on one side as on the other.
   */
  private double step(CodedPoint[] sample, int from, int to, boolean first) {
    int group = isWhole ? PackedCodes.groupWidth(firstWidth, packing) : to - from;
    double greatest = 0;
    for (int i = 0; i < sample.length; i++) {
      for (int hop = 1; hop < 16; hop++) {
        CodedPoint a = sample[i];
        CodedPoint b = sample[(i + hop * hop) % sample.length];
        double rest = first ? a.firstRest - b.firstRest : a.secondRest - b.secondRest;
        for (int start = from; start < to; start += group) {
          double sum = rest * rest;
          for (int j = start; j < Math.min(to, start + group); j++) {
            double difference = a.rotated[j] - b.rotated[j];
            sum += difference * difference;
          }
          greatest = Math.max(greatest, sum);
        }
      }
    }
    return Math.sqrt(greatest) * (1.05 / 256);
  }

  /** Of a few steps the one that leaves least over. */
  private double coarseStep(CodedPoint[] sample) {
    double sum = 0;
    for (CodedPoint point : sample) {
      sum += square(point.norm);
    }
    double deviation = Math.sqrt(sum / ((double) sample.length * dimension));
    double best = deviation;
    double least = Double.POSITIVE_INFINITY;
    for (double share = 0.2; share < 0.7; share += 0.03) {
      double left = greatest(sample, deviation * share)[4];
      if (left < least) {
        least = left;
        best = deviation * share;
      }
    }
    return best;
  }

  /** The greatest ‖r‖, ‖c‖, ‖z‖ and squared distance of a sample, and the sum of ‖r‖. */
  private double[] greatest(CodedPoint[] sample, double step) {
    double[] greatest = new double[5];
    for (int i = 0; i < sample.length; i++) {
      double left = 0;
      double squares = 0;
      double distance = 0;
      double[] z = sample[i].rotated;
      double[] other = sample[(i + 1 + i % 7) % sample.length].rotated;
      for (int j = 0; j < dimension; j++) {
        double code = Math.rint(packing.clip(z[j] / step - HALF));
        left += square(z[j] - step * (code + HALF));
        squares += code * code;
        distance += square(z[j] - other[j]);
      }
      greatest[0] = Math.max(greatest[0], Math.sqrt(left));
      greatest[1] = Math.max(greatest[1], Math.sqrt(squares));
      greatest[2] = Math.max(greatest[2], sample[i].norm);
      greatest[3] = Math.max(greatest[3], distance);
      greatest[4] += Math.sqrt(left);
    }
    return greatest;
  }

  private CodeBlocks newBlocks() {
    return isWhole
        ? new PackedCodes(kernel, packing, points, firstWidth)
        : kernel.newBlocks(points, firstWidth);
  }

  /** The name of the way in which the codes lie in files. */
  public String layout() {
    return isWhole ? packing.layout : kernel.layout();
  }

  private record Errors(double first, double second, double norm) {
    static final Errors NONE = new Errors(0, 0, 0);

    static Errors greatest(Errors a, Errors b) {
      return new Errors(
          Math.max(a.first, b.first), Math.max(a.second, b.second), Math.max(a.norm, b.norm));
    }
  }

  /** Codes {@link CodeBlocks#MULTIPLE} vectors with an error each. */
  private Errors encodeWithErrors(VectorSource vectors, int part) {
    CodedPoint point = new CodedPoint(this);
    byte[] codes = new byte[firstWidth];
    double unit = greatestError / ERRORS;
    double norm = 0;
    int from = part * CodeBlocks.MULTIPLE;
    int to = Math.min(points, from + CodeBlocks.MULTIPLE);
    for (int row = from; row < to; row++) {
      point.rotate(vectors, row);
      double left = 0;
      int squares = 0;
      for (int i = 0; i < first; i++) {
        double code = Math.rint(packing.clip(point.rotated[i] / firstStep - HALF));
        codes[i] = (byte) code;
        left += square(point.rotated[i] - firstStep * (code + HALF));
        squares += codes[i] * codes[i];
      }
      double error = Math.ceil(Math.sqrt(left) * (1 + 1e-9) / unit);
      double size = secondStep * square(point.norm);
      boolean isProved =
          error <= ERRORS && size <= GREATEST_TERM && Math.sqrt(squares) <= greatestCodes;
      blocks()
          .put(
              row,
              codes,
              isProved ? (short) (long) Math.floor(size) : 0,
              isProved ? (short) error : PackedCodes.UNPROVED);
      norm = isProved ? Math.max(norm, point.norm) : norm;
      encodeRest(point, codes, row * secondWidth);
    }
    return new Errors(greatestError, greatestCodes, norm);
  }

  /** Codes what 4 bits leave over with 4 more: finer ones, in a row of their own. */
  private void encodeRest(CodedPoint point, byte[] codes, int at) {
    double step = firstStep / FINER;
    double left = 0;
    for (int i = 0; i < first; i++) {
      double rest = point.rotated[i] - firstStep * (codes[i] + HALF);
      double code = Math.rint(packing.clip(rest / step - HALF));
      left += square(rest - step * (code + HALF));
      int shifted = i % 2 == 0 ? (int) code + 8 : (int) code << 4;
      rows[at + i / 2] = (byte) (rows[at + i / 2] | shifted);
    }
    double error = Math.ceil(Math.sqrt(left) * (1 + 1e-9) * FINE_ERRORS / greatestError);
    rows[at + secondWidth - 1] = (byte) Math.min(error, FINE_ERRORS + 1);
  }

  PackedCodes blocks() {
    return (PackedCodes) blocks;
  }

  /** Codes {@link CodeBlocks#MULTIPLE} vectors. */
  private Errors encode(VectorSource vectors, int part) {
    if (hasErrors()) {
      return encodeWithErrors(vectors, part);
    }
    CodedPoint point = new CodedPoint(this);
    byte[] codes = new byte[firstWidth];
    double firstSquared = 0;
    double secondSquared = 0;
    double norm = 0;
    int from = part * CodeBlocks.MULTIPLE;
    int to = Math.min(points, from + CodeBlocks.MULTIPLE);
    for (int row = from; row < to; row++) {
      point.rotate(vectors, row);
      norm = Math.max(norm, point.norm);
      double error = 0;
      int squares = 0;
      for (int i = 0; i < first; i++) {
        double scaled = packing.clip(point.rotated[i] / firstStep);
        codes[i] = (byte) Math.rint(scaled);
        error += square(scaled - codes[i]);
        squares += codes[i] * codes[i];
      }
      double errorOfBoth = error;
      double scaled;
      if (!isWhole) {
        scaled = packing.clip((point.firstRest - firstRest) / firstStep);
        codes[first] = (byte) Math.rint(scaled);
        error += square(scaled - codes[first]);
        squares += codes[first] * codes[first];
      }
      firstSquared = Math.max(firstSquared, error);
      blocks.put(row, codes, squares);
      if (secondWidth > 0) {
        error = 0;
        int at = row * secondWidth;
        for (int i = 0; i <= second; i++) {
          double value = i < second ? point.rotated[first + i] : point.secondRest - secondRest;
          scaled = packing.clip(value / secondStep);
          rows[at + i] = (byte) Math.rint(scaled);
          error += square(scaled - rows[at + i]);
        }
        rows[at + secondWidth - 1] = codes[first];
        secondSquared =
            Math.max(secondSquared, errorOfBoth * square(firstStep) + error * square(secondStep));
      }
    }
    return new Errors(Math.sqrt(firstSquared) * firstStep, Math.sqrt(secondSquared), norm);
  }

  /**
   * Writes the codes of the first stage.
   *
   * @return the sum of their squares
   */
  public int code(CodedPoint point, byte[] target) {
    int squares = 0;
    for (int i = 0; i <= first; i++) {
      double value = i < first ? point.rotated[i] : point.firstRest - firstRest;
      target[i] = (byte) Math.rint(packing.clip(value / firstStep));
      squares += target[i] * target[i];
    }
    return squares;
  }

  static double square(double value) {
    return value * value;
  }

  /** Memory in bytes, without object headers. */
  public long bytes() {
    return blocks.bytes() + rows.length + 8L * dimension * rotation.columns[0].length;
  }
}
