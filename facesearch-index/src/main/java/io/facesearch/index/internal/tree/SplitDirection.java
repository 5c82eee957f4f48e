package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.Kernel;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Finds the direction along which a range of rows is split: a unit vector in which components too
 * small to matter are 0, so that scaling by powers of two is exact; null if it finds none. The same
 * rows give the same direction. Thread-safe.
 */
public interface SplitDirection {
  double @Nullable [] find(float[] rows, int dimension, int from, int to);

  /**
   * Roughly the direction of greatest variance: power iteration on the covariance of an evenly
   * spaced sample, from the difference of two far points. O(sample · d).
   */
  SplitDirection PRINCIPAL = (rows, d, from, to) -> new Sample(rows, d, from, to).principal();

  /** From one center to the other of two clusters of a sample. O(sample · d). */
  SplitDirection TWO_MEANS = (rows, d, from, to) -> new Sample(rows, d, from, to).twoMeans();

  /** A random direction, seeded with the place of the range. O(d). */
  SplitDirection RANDOM =
      (rows, d, from, to) -> {
        Random random = new Random(31L * from + to);
        double[] direction = new double[d];
        Arrays.setAll(direction, j -> random.nextGaussian());
        return Sample.normalize(direction) ? direction : null;
      };

  /** Learned through the sigmoid; see {@link LearnedDirection}. O(sample² · d). */
  SplitDirection LEARNED = LearnedDirection::find;

  /** From the first row to the row farthest from it; null only if all are equal. O(rows · d). */
  SplitDirection ANY_DIFFERENCE =
      (rows, d, from, to) -> new Sample(rows, d, from, to, to - from).difference();

  /** By the name that settings and files have for it. */
  static SplitDirection of(String name) {
    return switch (name) {
      case "PRINCIPAL" -> PRINCIPAL;
      case "TWO_MEANS" -> TWO_MEANS;
      case "RANDOM" -> RANDOM;
      case "LEARNED" -> LEARNED;
      default -> throw new IllegalArgumentException("no direction is called " + name);
    };
  }

  /** Evenly spaced rows of a range. */
  final class Sample {
    private static final int SIZE = 128;
    private static final int ITERATIONS = 3;
    private static final double NEGLIGIBLE = 1e-100;

    private final float[] rows;
    private final int dimension;
    private final int from;
    private final int count;
    private final int size;

    Sample(float[] rows, int dimension, int from, int to) {
      this(rows, dimension, from, to, Math.min(to - from, SIZE));
    }

    Sample(float[] rows, int dimension, int from, int to, int size) {
      this.rows = rows;
      this.dimension = dimension;
      this.from = from;
      this.size = size;
      count = to - from;
    }

    double @Nullable [] principal() {
      double[] mean = mean();
      double[] direction = acrossFrom(mean);
      if (direction == null) {
        return null;
      }
      for (int round = 0; round < ITERATIONS; round++) {
        double[] next = new double[dimension];
        double center = Kernel.dot(direction, 0, mean);
        for (int i = 0; i < size; i++) {
          int offset = offset(i);
          double weight = Kernel.dot(direction, rows, offset) - center;
          for (int j = 0; j < dimension; j++) {
            next[j] += weight * (rows[offset + j] - mean[j]);
          }
        }
        if (!normalize(next)) {
          break;
        }
        direction = next;
      }
      return direction;
    }

    double @Nullable [] twoMeans() {
      double[] direction = principal();
      if (direction == null) {
        return null;
      }
      double middle = Kernel.dot(direction, 0, mean());
      for (int round = 0; round < ITERATIONS; round++) {
        double[] left = new double[dimension];
        double[] right = new double[dimension];
        int onTheRight = 0;
        for (int i = 0; i < size; i++) {
          int offset = offset(i);
          boolean isRight = Kernel.dot(direction, rows, offset) >= middle;
          onTheRight += isRight ? 1 : 0;
          double[] sum = isRight ? right : left;
          for (int j = 0; j < dimension; j++) {
            sum[j] += rows[offset + j];
          }
        }
        if (onTheRight == 0 || onTheRight == size) {
          break;
        }
        double[] next = new double[dimension];
        for (int j = 0; j < dimension; j++) {
          left[j] /= size - onTheRight;
          right[j] /= onTheRight;
          next[j] = right[j] - left[j];
        }
        if (!normalize(next)) {
          break;
        }
        direction = next;
        middle = (Kernel.dot(next, 0, left) + Kernel.dot(next, 0, right)) / 2;
      }
      return direction;
    }

    double @Nullable [] difference() {
      double[] first = new double[dimension];
      for (int j = 0; j < dimension; j++) {
        first[j] = rows[from * dimension + j];
      }
      return towards(first, farthest(first));
    }

    private double[] mean() {
      double[] mean = new double[dimension];
      for (int i = 0; i < size; i++) {
        int offset = offset(i);
        for (int j = 0; j < dimension; j++) {
          mean[j] += rows[offset + j];
        }
      }
      for (int j = 0; j < dimension; j++) {
        mean[j] /= size;
      }
      return mean;
    }

    /** From the row farthest from a point to the row farthest from that. */
    private double @Nullable [] acrossFrom(double[] start) {
      int a = farthest(start);
      double[] point = new double[dimension];
      for (int j = 0; j < dimension; j++) {
        point[j] = rows[a + j];
      }
      return towards(point, farthest(point));
    }

    private double @Nullable [] towards(double[] point, int offset) {
      double[] direction = new double[dimension];
      for (int j = 0; j < dimension; j++) {
        direction[j] = rows[offset + j] - point[j];
      }
      return normalize(direction) ? direction : null;
    }

    private int farthest(double[] point) {
      int result = from * dimension;
      double greatest = -1;
      for (int i = 0; i < size; i++) {
        int offset = offset(i);
        double distance = Kernel.squaredDistance(point, rows, offset, Double.POSITIVE_INFINITY);
        if (distance > greatest) {
          greatest = distance;
          result = offset;
        }
      }
      return result;
    }

    private int offset(int i) {
      return (from + (int) ((long) i * count / size)) * dimension;
    }

    static boolean normalize(double[] vector) {
      double norm = Math.sqrt(Kernel.dot(vector, 0, vector));
      if (!(norm > 0)) {
        return false;
      }
      for (int j = 0; j < vector.length; j++) {
        vector[j] /= norm;
        if (Math.abs(vector[j]) < NEGLIGIBLE) {
          vector[j] = 0;
        }
      }
      return true;
    }
  }
}
