package io.facesearch.index.internal.quantize;

/** The codes of a query, and when a vector can be left out. Not thread-safe. */
public final class CodedQuery {
  private final QuantizedVectors codes;
  private final CodedPoint point;
  public final short[] weights;
  final short[] secondCodes;

  /** ⌊Σ w²/4⌋, or the base of codes of 4 bits. */
  public int base;

  private double restCode;
  private double firstError;
  private double secondError;
  private double rounding;

  /** By finer code, those of even and of odd number, and what all of them are to have more. */
  private final int[] fineLow;

  private final int[] fineHigh;
  private int fineBase;
  private int perError;
  private int perFineError;

  /** What the values of codes of 4 bits are more than T times the square of a distance. */
  private double room;

  /** Above this, the value of the first stage excludes a vector; 0 to 65535. */
  public int limit;

  /**
   * Above this, the square of the bound of the second stage excludes a vector; of codes of 4 bits
   * in parts of a unit of values.
   */
  double secondLimit;

  public CodedQuery(QuantizedVectors codes) {
    this.codes = codes;
    point = new CodedPoint(codes);
    weights = new short[codes.firstWidth + PackedCodes.moreWeights(codes.packing)];
    fineLow = new int[codes.hasErrors() ? codes.firstWidth / 2 : 0];
    fineHigh = new int[fineLow.length];
    secondCodes = new short[codes.hasErrors() ? 0 : codes.secondWidth];
  }

  public void set(double[] query) {
    point.rotate(query);
    rounding = point.norm * codes.roundingShare;
    if (codes.hasErrors()) {
      setCoarse();
      return;
    }
    double error = 0;
    int squares = 0;
    for (int i = 0; i < codes.first; i++) {
      double scaled = codes.packing.clip(point.rotated[i] / codes.firstStep);
      int half = (int) Math.rint(2 * scaled);
      weights[i] = (short) -half;
      error += QuantizedVectors.square(scaled - half * 0.5);
      squares += half * half;
    }
    double errorOfBoth = error;
    double scaled;
    if (!codes.isWhole) {
      scaled = codes.packing.clip((point.firstRest - codes.firstRest) / codes.firstStep);
      int half = (int) Math.rint(2 * scaled);
      weights[codes.first] = (short) -half;
      restCode = half * 0.5;
      error += QuantizedVectors.square(scaled - restCode);
      squares += half * half;
    }
    base = squares >> 2;
    firstError = Math.sqrt(error) * codes.firstStep;
    if (codes.secondWidth > 0) {
      error = 0;
      for (int i = 0; i <= codes.second; i++) {
        double value =
            i < codes.second ? point.rotated[codes.first + i] : point.secondRest - codes.secondRest;
        scaled = codes.packing.clip(value / codes.secondStep);
        secondCodes[i] = (short) Math.rint(scaled);
        error += QuantizedVectors.square(scaled - secondCodes[i]);
      }
      secondError =
          Math.sqrt(
              errorOfBoth * QuantizedVectors.square(codes.firstStep)
                  + error * QuantizedVectors.square(codes.secondStep));
    }
  }

  private void setCoarse() {
    double unit = codes.secondStep;
    double size = unit * QuantizedVectors.square(point.norm);
    if (!(size <= QuantizedVectors.GREATEST_TERM)) {
      room = Double.POSITIVE_INFINITY; // so far away that all vectors are compared
      return;
    }
    double perCode = -2 * unit * codes.firstStep;
    double sum = 0;
    double moved = 0;
    for (int i = 0; i < codes.first; i++) {
      double exact = perCode * point.rotated[i];
      double rounded = Math.rint(exact);
      weights[i] = (short) (long) rounded;
      moved += QuantizedVectors.square(rounded - exact);
      sum += point.rotated[i];
    }
    double delta = Math.sqrt(moved) * codes.greatestCodes * (1 + 1e-9) + 1;
    double perError =
        Math.ceil(
            2 * unit * (codes.greatestError / QuantizedVectors.ERRORS) * point.norm * (1 + 1e-9)
                + 1e-9);
    weights[codes.firstWidth] = (short) (long) perError;
    this.perError = (int) perError;
    setFine(perCode);
    double lower = QuantizedVectors.ERRORS * perError + delta + 4;
    lower += 2 * unit * codes.greatestError * point.norm * (1 + 1e-9);
    base = (int) (long) Math.ceil(size - unit * codes.firstStep * sum + lower);
    room = lower + delta + 4;
  }

  private void setFine(double perCode) {
    double perFine = perCode * QuantizedVectors.PARTS / QuantizedVectors.FINER;
    double sum = 0;
    double moved = 0;
    int low = 0;
    for (int i = 0; i < codes.first; i++) {
      double exact = perFine * point.rotated[i];
      int rounded = (int) Math.rint(exact);
      (i % 2 == 0 ? fineLow : fineHigh)[i / 2] = rounded;
      moved += Math.abs(rounded - exact);
      sum += exact;
      low += i % 2 == 0 ? rounded : 0;
    }
    // The low codes of a byte are read without their sign, 8 too great.
    fineBase = (int) Math.floor(sum * QuantizedVectors.HALF - 8 * moved - 1) - 8 * low;
    perFineError =
        (int)
            Math.ceil(
                2
                        * codes.secondStep
                        * codes.greatestError
                        / QuantizedVectors.FINE_ERRORS
                        * point.norm
                        * (1 + 1e-9)
                    + 1e-9);
  }

  /** Whether a vector passes, given the value of its codes of 4 bits. */
  private boolean passesFine(QuantizedVectors of, int row, short value) {
    int error = of.blocks().error(row);
    int width = codes.secondWidth;
    int at = row * width;
    int fineError = of.rows[at + width - 1] & 0xff;
    if (error < 0 || fineError > QuantizedVectors.FINE_ERRORS) {
      return true;
    }
    int sum = fineBase + codes.kernel.pairsDot(fineLow, fineHigh, of.rows, at);
    long bound = value + 32768 + (long) error * perError - (long) fineError * perFineError;
    return bound * QuantizedVectors.PARTS + sum <= secondLimit;
  }

  /**
   * Sets the limits that go with a squared distance to vectors of these codes, or of {@link
   * QuantizedVectors#more}.
   */
  public void limit(double squaredDistance, QuantizedVectors of) {
    double root = Math.sqrt(squaredDistance) * (1 + 1e-9) + rounding + of.rounding;
    if (codes.hasErrors()) {
      double greatest = QuantizedVectors.square(root) * codes.secondStep * (1 + 1e-9) + room;
      limit = greatest < 65535 ? (int) greatest : 65535;
      secondLimit = greatest < 65535 ? greatest * QuantizedVectors.PARTS : Double.POSITIVE_INFINITY;
      return;
    }
    double most =
        QuantizedVectors.square((root + firstError + of.firstError) / codes.firstStep) * (1 + 1e-9);
    double shifted = Math.scalb(most, -codes.blocks.shift());
    limit = shifted < 65535 ? (int) shifted : 65535;
    secondLimit = QuantizedVectors.square(root + secondError + of.secondError) * (1 + 1e-9);
  }

  /** Whether a point is still to be compared, given its value of the first stage. */
  public boolean passes(QuantizedVectors of, int row, short value) {
    if (value + 32768 > limit) {
      return false;
    }
    int width = codes.secondWidth;
    if (width == 0) {
      return true;
    }
    if (codes.hasErrors()) {
      return passesFine(of, row, value);
    }
    int at = row * width;
    double rest = restCode - of.rows[at + width - 1];
    int second = codes.kernel.rowDistance(secondCodes, of.rows, at);
    double bound =
        QuantizedVectors.square(codes.firstStep) * (value + 32768 - rest * rest)
            + QuantizedVectors.square(codes.secondStep) * second;
    return bound <= secondLimit;
  }
}
