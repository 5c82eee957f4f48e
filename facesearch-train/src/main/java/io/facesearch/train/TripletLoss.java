package io.facesearch.train;

import java.util.Objects;

/**
 * The triplet loss: the mean of max(d(a, p) - d(a, n) + margin, 0) over triplets of an anchor, a
 * positive of the same person and a negative of another. Immutable and thread-safe; O(n² ·
 * dimension) for a batch of n images.
 *
 * @param margin how much farther away negatives should be than positives, above 0
 * @param squared whether d is the squared L2 distance, or the L2 distance itself
 * @param mining which triplets of a batch are used
 * @see <a href="https://arxiv.org/abs/1503.03832">Schroff et al., FaceNet, 2015</a>
 * @see <a href="https://arxiv.org/abs/1703.07737">Hermans et al., In defense of the triplet loss,
 *     2017</a>
 */
public record TripletLoss(double margin, boolean squared, Mining mining) {

  /** Which triplets of a batch are used. */
  public enum Mining {
    /** Triplets drawn at random. */
    RANDOM,
    /**
     * For each pair of one person, the nearest negative that is farther away than the positive, or
     * the farthest negative if there is none (FaceNet).
     */
    SEMI_HARD,
    /**
     * For each anchor, its farthest positive and its nearest negative. May collapse at the
     * beginning.
     */
    BATCH_HARD,
    /**
     * All triplets of the batch: on average the loss of random triplets, but far less noisy, since
     * each image is part of many triplets.
     */
    BATCH_ALL
  }

  /** Checks the margin. */
  public TripletLoss {
    Objects.requireNonNull(mining, "mining");
    if (!(margin > 0 && margin < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("margin must be above 0, but is: " + margin);
    }
  }

  /** Adds up triplets. */
  private final class Sum {
    private final float[] vectors;
    private final int dimension;
    private final double[] gradient;
    private double loss;
    private int triplets;
    private int active;
    private double positive;
    private double negative;

    Sum(float[] vectors, int dimension) {
      this.vectors = vectors;
      this.dimension = dimension;
      gradient = new double[vectors.length];
    }

    double distance(int a, int b) {
      double sum = 0;
      for (int i = 0; i < dimension; i++) {
        double d = (double) vectors[a * dimension + i] - vectors[b * dimension + i];
        sum += d * d;
      }
      return squared ? sum : Math.sqrt(sum);
    }

    void add(int a, int p, int n, double toPositive, double toNegative) {
      triplets++;
      positive += toPositive;
      negative += toNegative;
      double value = toPositive - toNegative + margin;
      // Written so that NaN counts.
      if (!(value <= 0)) {
        active++;
        loss += value;
        push(a, p, 1, toPositive);
        push(a, n, -1, toNegative);
      }
    }

    /** Adds sign times the gradient of d(a, b). */
    private void push(int a, int b, int sign, double distance) {
      // At distance 0 the L2 distance has no gradient; 0 is one of its subgradients.
      double factor = squared ? 2 * sign : distance > 0 ? sign / distance : 0;
      for (int i = 0; i < dimension; i++) {
        double d = factor * ((double) vectors[a * dimension + i] - vectors[b * dimension + i]);
        gradient[a * dimension + i] += d;
        gradient[b * dimension + i] -= d;
      }
    }

    Objective.Outcome outcome() {
      if (triplets == 0) {
        throw new IllegalArgumentException(
            "the batch holds no triplet: it needs two images of one person and one of another");
      }
      float[] mean = new float[gradient.length];
      for (int i = 0; i < mean.length; i++) {
        mean[i] = (float) (gradient[i] / triplets);
      }
      return new Objective.Outcome(
          loss / triplets,
          mean,
          (double) active / triplets,
          positive / triplets,
          negative / triplets);
    }
  }

  /**
   * Loss and gradient of a batch.
   *
   * @param people the person of each vector; for {@link Mining#RANDOM} in the order anchor,
   *     positive, negative
   */
  Objective.Outcome evaluate(int[] people, float[] vectors, int dimension) {
    Sum sum = new Sum(vectors, dimension);
    int n = people.length;
    if (mining == Mining.RANDOM) {
      for (int i = 0; i < n; i += 3) {
        sum.add(i, i + 1, i + 2, sum.distance(i, i + 1), sum.distance(i, i + 2));
      }
      return sum.outcome();
    }
    double[][] distance = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        distance[i][j] = sum.distance(i, j);
        distance[j][i] = distance[i][j];
      }
    }
    for (int a = 0; a < n; a++) {
      switch (mining) {
        case BATCH_HARD -> batchHard(a, people, distance[a], sum);
        case BATCH_ALL -> batchAll(a, people, distance[a], sum);
        default -> semiHard(a, people, distance[a], sum);
      }
    }
    return sum.outcome();
  }

  private static void batchHard(int a, int[] people, double[] distance, Sum sum) {
    int p = -1;
    int n = -1;
    for (int i = 0; i < people.length; i++) {
      if (people[i] != people[a]) {
        n = n < 0 || distance[i] < distance[n] ? i : n;
      } else if (i != a) {
        p = p < 0 || distance[i] > distance[p] ? i : p;
      }
    }
    if (p >= 0 && n >= 0) {
      sum.add(a, p, n, distance[p], distance[n]);
    }
  }

  private static void batchAll(int a, int[] people, double[] distance, Sum sum) {
    for (int p = 0; p < people.length; p++) {
      for (int n = 0; n < people.length && p != a && people[p] == people[a]; n++) {
        if (people[n] != people[a]) {
          sum.add(a, p, n, distance[p], distance[n]);
        }
      }
    }
  }

  private static void semiHard(int a, int[] people, double[] distance, Sum sum) {
    for (int p = 0; p < people.length; p++) {
      if (p == a || people[p] != people[a]) {
        continue;
      }
      int nearest = -1;
      int farthest = -1;
      for (int i = 0; i < people.length; i++) {
        if (people[i] == people[a]) {
          continue;
        }
        farthest = farthest < 0 || distance[i] > distance[farthest] ? i : farthest;
        if (distance[i] > distance[p] && (nearest < 0 || distance[i] < distance[nearest])) {
          nearest = i;
        }
      }
      int n = nearest < 0 ? farthest : nearest;
      if (n >= 0) {
        sum.add(a, p, n, distance[p], distance[n]);
      }
    }
  }
}
