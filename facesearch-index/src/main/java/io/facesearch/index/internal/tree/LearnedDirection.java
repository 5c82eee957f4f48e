package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.Kernel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A direction learned by gradient descent. Let p(x) = Sigmoid(s · (W·x − m) / σ) be how much a
 * vector belongs to the right side, where m is the median of the projections of a sample (so halves
 * stay balanced) and σ their standard deviation (so W cannot win by growing). With pairs of near
 * neighbors (x, y) of the sample, the loss is the mean of −ln(p(x)·p(y) + (1 − p(x))·(1 − p(y))):
 * what it costs that neighbors are parted. It starts from the 2-means direction, and that is the
 * result where nothing better is found.
 */
public final class LearnedDirection {
  private static final int SAMPLE = 512;
  private static final int ANCHORS = 128;
  private static final int STEPS = 24;
  private static final double SHARPNESS = 4;

  /** Length of the first step, in terms of the length of W; later ones are shorter. */
  private static final double RATE = 0.5;

  private final int d;
  private final int size;
  private final double[][] points;
  private final int[] partners = new int[ANCHORS];
  private final double[] projections;

  private LearnedDirection(float[] rows, int dimension, int from, int to) {
    d = dimension;
    size = Math.min(SAMPLE, to - from);
    points = new double[size][d];
    for (int i = 0; i < size; i++) {
      int row = from + (int) ((long) i * (to - from) / size);
      for (int j = 0; j < d; j++) {
        points[i][j] = rows[row * d + j];
      }
    }
    // What moves all points moves the median too, so only differences from the mean count.
    for (int j = 0; j < d; j++) {
      double mean = 0;
      for (double[] point : points) {
        mean += point[j] / size;
      }
      for (double[] point : points) {
        point[j] -= mean;
      }
    }
    projections = new double[size];
  }

  static double @Nullable [] find(float[] rows, int dimension, int from, int to) {
    double[] start = SplitDirection.TWO_MEANS.find(rows, dimension, from, to);
    if (start == null || to - from < 2 * ANCHORS) {
      return start;
    }
    return new LearnedDirection(rows, dimension, from, to).improve(start);
  }

  private int anchor(int i) {
    return (int) ((long) i * size / ANCHORS);
  }

  private double[] improve(double[] start) {
    findPartners();
    double[] best = start;
    double[] w = start.clone();
    double[] gradient = new double[d];
    double least = Double.POSITIVE_INFINITY;
    for (int step = 0; step < STEPS; step++) {
      double loss = loss(w, gradient);
      if (!Double.isFinite(loss)) {
        break;
      }
      if (loss < least) {
        least = loss;
        best = w.clone();
      }
      if (!SplitDirection.Sample.normalize(gradient)) {
        break;
      }
      double rate = RATE / (1 + 0.5 * step);
      for (int j = 0; j < d; j++) {
        w[j] -= rate * gradient[j];
      }
      if (!SplitDirection.Sample.normalize(w)) {
        break;
      }
    }
    return best;
  }

  /** The nearest other point of each anchor. */
  private void findPartners() {
    for (int i = 0; i < ANCHORS; i++) {
      double[] anchor = points[anchor(i)];
      double least = Double.POSITIVE_INFINITY;
      for (int other = 0; other < size; other++) {
        double sum = 0;
        for (int j = 0; j < d; j++) {
          double difference = anchor[j] - points[other][j];
          sum += difference * difference;
        }
        if (sum < least && other != anchor(i)) {
          least = sum;
          partners[i] = other;
        }
      }
    }
  }

  /** The loss of a direction, and where it rises. */
  private double loss(double[] w, double[] gradient) {
    double mean = 0;
    for (int i = 0; i < size; i++) {
      projections[i] = Kernel.dot(w, 0, points[i]);
      mean += projections[i] / size;
    }
    double variance = 0;
    for (int i = 0; i < size; i++) {
      variance += (projections[i] - mean) * (projections[i] - mean) / size;
    }
    double[] sorted = projections.clone();
    Arrays.sort(sorted);
    double median = sorted[size / 2];
    double scale = SHARPNESS / Math.sqrt(variance);
    Arrays.fill(gradient, 0);
    double sum = 0;
    for (int i = 0; i < ANCHORS; i++) {
      double[] x = points[anchor(i)];
      double[] y = points[partners[i]];
      double px = SigmoidRule.sigmoid(scale * (projections[anchor(i)] - median));
      double py = SigmoidRule.sigmoid(scale * (projections[partners[i]] - median));
      double together = px * py + (1 - px) * (1 - py);
      sum -= Math.log(together);
      double byX = -(2 * py - 1) * px * (1 - px) / together;
      double byY = -(2 * px - 1) * py * (1 - py) / together;
      for (int j = 0; j < d; j++) {
        gradient[j] += byX * x[j] + byY * y[j];
      }
    }
    // The part along W only changes its length.
    double along = Kernel.dot(gradient, 0, w);
    for (int j = 0; j < d; j++) {
      gradient[j] -= along * w[j];
    }
    return sum / ANCHORS;
  }
}
