package io.facesearch.index.internal.quantize;

import java.util.Arrays;
import java.util.Random;

/**
 * Nearly orthonormal directions along which vectors vary most, those of greatest variance first:
 * the principal components of a sample, by orthogonal iteration. Any orthonormal directions give
 * right answers, see {@link QuantizedVectors}; good ones give fast answers, so few rounds are
 * enough. Deterministic. Immutable.
 */
public final class Rotation {
  private static final int ROUNDS = 16;

  /** About so many values of a sample are read. */
  private static final int SAMPLE_VALUES = 1 << 20;

  /** The point that becomes the origin; floats, so that subtracting it errs as little as can be. */
  public final float[] center;

  /** By dimension, then by direction; the rows are filled up with 0 to a multiple of 8. */
  final double[][] columns;

  /** How many directions there are. */
  public final int directions;

  /**
   * A bound of the norm of {@code R·Rᵀ − I}, where the rows of R are the directions; not a small
   * number if something went wrong.
   */
  final double defect;

  private Rotation(float[] center, double[][] directions) {
    this.center = center;
    this.directions = directions.length;
    int padded = (directions.length + 7) & -8;
    columns = new double[center.length][padded];
    for (int i = 0; i < directions.length; i++) {
      for (int j = 0; j < center.length; j++) {
        columns[j][i] = directions[i][j];
      }
    }
    double sum = 0;
    for (double[] a : directions) {
      for (double[] b : directions) {
        double error = Math.abs(Kernel.dot(a, 0, b) - (a == b ? 1 : 0));
        error += (center.length + 2) * 0x1p-52; // rounding of the product itself
        sum += error * error;
      }
    }
    defect = Math.sqrt(sum) * (1 + 1e-9);
  }

  /** Finds the directions for rows; O(sample · d² + d² · directions · rounds). */
  static Rotation of(VectorSource rows, int count, int dimension, int directions) {
    int sample = Math.min(count, Math.max(1024, SAMPLE_VALUES / dimension));
    float[] center = center(rows, count, dimension, sample);
    double[][] covariance = covariance(rows, count, dimension, sample, center);
    Random random = new Random(directions);
    double[][] basis = new double[directions][dimension];
    for (double[] direction : basis) {
      fill(direction, random);
    }
    orthonormalize(basis, random);
    for (int round = 0; round < ROUNDS; round++) {
      double[][] next = new double[directions][dimension];
      for (int i = 0; i < directions; i++) {
        for (int j = 0; j < dimension; j++) {
          addScaled(next[i], covariance[j], basis[i][j]);
        }
      }
      orthonormalize(next, random);
      basis = next;
    }
    return new Rotation(center, basis);
  }

  /** No directions: vectors are coded as they are, but for the center. */
  static Rotation none(VectorSource rows, int count, int dimension) {
    int sample = Math.min(count, Math.max(1024, SAMPLE_VALUES / dimension));
    return new Rotation(center(rows, count, dimension, sample), new double[0][]);
  }

  /** The same directions again; by direction, then by dimension. */
  public static Rotation restore(float[] center, double[] directions) {
    double[][] rows = new double[directions.length / center.length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(directions, i * center.length, (i + 1) * center.length);
    }
    return new Rotation(center, rows);
  }

  /** What {@link #restore} needs. */
  public double[] directions() {
    double[] rows = new double[directions * center.length];
    for (int i = 0; i < directions; i++) {
      for (int j = 0; j < center.length; j++) {
        rows[i * center.length + j] = columns[j][i];
      }
    }
    return rows;
  }

  private static float[] center(VectorSource rows, int count, int dimension, int sample) {
    double[] sum = new double[dimension];
    float[] row = new float[dimension];
    for (int i = 0; i < sample; i++) {
      rows.copyTo((int) ((long) i * count / sample), row, 0);
      for (int j = 0; j < dimension; j++) {
        sum[j] += row[j];
      }
    }
    float[] center = new float[dimension];
    for (int j = 0; j < dimension; j++) {
      center[j] = (float) (sum[j] / sample);
    }
    return center;
  }

  private static double[][] covariance(
      VectorSource rows, int count, int dimension, int sample, float[] center) {
    float[] row = new float[dimension];
    double[][] covariance = new double[dimension][dimension];
    double[] vector = new double[dimension];
    for (int i = 0; i < sample; i++) {
      rows.copyTo((int) ((long) i * count / sample), row, 0);
      for (int j = 0; j < dimension; j++) {
        vector[j] = (double) row[j] - center[j];
      }
      for (int j = 0; j < dimension; j++) {
        addScaled(covariance[j], vector, vector[j]);
      }
    }
    return covariance;
  }

  private static void addScaled(double[] target, double[] vector, double factor) {
    for (int j = 0; j < target.length; j++) {
      target[j] += factor * vector[j];
    }
  }

  private static void fill(double[] direction, Random random) {
    for (int j = 0; j < direction.length; j++) {
      direction[j] = random.nextGaussian();
    }
  }

  /** Gram-Schmidt; what vanishes or is no number is replaced by something random. */
  private static void orthonormalize(double[][] basis, Random random) {
    for (int i = 0; i < basis.length; i++) {
      int tries = 0;
      while (!isOrthonormalTo(basis, i)) {
        if (++tries > 3) {
          return; // the defect tells
        }
        fill(basis[i], random);
      }
    }
  }

  /**
   * Takes the directions before i out of direction i until hardly anything of them was in it, and
   * makes it a unit vector.
   */
  private static boolean isOrthonormalTo(double[][] basis, int i) {
    if (!normalize(basis[i])) {
      return false;
    }
    for (int pass = 0; pass < 6; pass++) {
      for (int other = 0; other < i; other++) {
        addScaled(basis[i], basis[other], -Kernel.dot(basis[other], 0, basis[i]));
      }
      double left = Kernel.dot(basis[i], 0, basis[i]);
      if (!normalize(basis[i])) {
        return false;
      }
      if (left > 0.5) {
        return true;
      }
    }
    return false;
  }

  private static boolean normalize(double[] vector) {
    double peak = 0;
    for (double value : vector) {
      peak = Math.max(peak, Math.abs(value));
    }
    if (!(peak > 0 && peak < Double.POSITIVE_INFINITY)) {
      return false;
    }
    for (int j = 0; j < vector.length; j++) {
      vector[j] /= peak;
    }
    double norm = Math.sqrt(Kernel.dot(vector, 0, vector));
    for (int j = 0; j < vector.length; j++) {
      vector[j] /= norm;
    }
    return true;
  }
}
