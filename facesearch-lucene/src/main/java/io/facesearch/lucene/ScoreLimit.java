package io.facesearch.lucene;

import org.apache.lucene.index.VectorSimilarityFunction;

/**
 * How far, at most, a vector lies from a query whose score Lucene may compute as at least so high.
 * Distances are those of the vectors that are coded: of cosine fields those of length 1, of others
 * the vectors themselves. Lucene computes scores with floats; what they may err by is added, so
 * that a vector beyond the limit has a lower score for sure, also as Lucene computes it. Immutable.
 *
 * <p>With u = 2<sup>−24</sup> a sum of d products of floats errs by at most (d + 1)·u times the sum
 * of their absolute values, in whatever order and with or without fused multiply-add: for a dot
 * product that is at most (d + 1)·u·‖x‖·‖y‖, for a squared distance (d + 3)·u times itself. Four
 * times (d + 16)·u is taken.
 */
final class ScoreLimit {
  /** Squared norms between these neither overflow nor vanish as sums of floats. */
  private static final double LEAST_SQUARE = 1e-20;

  private static final double GREATEST_SQUARE = 1e30;

  /** Of inner products: how much squared norms may differ, as a share of the greatest. */
  private static final double NORM_SPREAD = 0.01;

  /** Lower scores do not tell anything. */
  private static final double LEAST_SCORE = 1e-30;

  /** Squares of numbers that are so small vanish. */
  private static final double VANISHING = 1e-37;

  private final VectorSimilarityFunction similarity;
  private final int dimension;
  private final double greatestSquare;
  private final double querySquare;

  /** Relative errors of sums and of scores. */
  private final double sumError;

  private static final double SCORE_ERROR = 0x1p-21;

  /**
   * @param greatestSquare the greatest squared norm of the vectors that are coded
   * @param query as it is
   */
  ScoreLimit(VectorSimilarityFunction similarity, double greatestSquare, float[] query) {
    this.similarity = similarity;
    this.greatestSquare = greatestSquare;
    dimension = query.length;
    querySquare = square(query);
    sumError = (dimension + 16) * 0x1p-22;
  }

  /** Whether scores of vectors with such norms tell how far they are from a query. */
  static boolean isUseful(
      VectorSimilarityFunction similarity, double leastSquare, double greatestSquare) {
    return switch (similarity) {
      case EUCLIDEAN -> greatestSquare <= GREATEST_SQUARE;
      case COSINE -> leastSquare >= LEAST_SQUARE && greatestSquare <= GREATEST_SQUARE;
      case DOT_PRODUCT, MAXIMUM_INNER_PRODUCT ->
          leastSquare >= LEAST_SQUARE
              && greatestSquare <= GREATEST_SQUARE
              && greatestSquare - leastSquare <= NORM_SPREAD * greatestSquare;
    };
  }

  /** Whether it holds for this query. */
  boolean isUseful() {
    return switch (similarity) {
      case EUCLIDEAN -> querySquare <= GREATEST_SQUARE;
      case COSINE, DOT_PRODUCT, MAXIMUM_INNER_PRODUCT ->
          querySquare >= LEAST_SQUARE && querySquare <= GREATEST_SQUARE;
    };
  }

  static double square(float[] vector) {
    double sum = 0;
    for (float value : vector) {
      sum += (double) value * value;
    }
    return sum;
  }

  /** The query as vectors are coded. */
  void query(float[] query, double[] target) {
    double norm = similarity == VectorSimilarityFunction.COSINE ? Math.sqrt(querySquare) : 1;
    for (int i = 0; i < target.length; i++) {
      target[i] = query[i] / norm;
    }
  }

  /** The greatest squared distance of a vector whose score may be this one or higher. */
  double squared(float score) {
    if (!(score > LEAST_SCORE)) {
      return Double.POSITIVE_INFINITY;
    }
    double most =
        switch (similarity) {
          case EUCLIDEAN ->
              (1 / (double) score * (1 + SCORE_ERROR) - 1) * (1 + sumError) + dimension * VANISHING;
          case DOT_PRODUCT -> ofDot(2 * score * (1 - SCORE_ERROR) - 1);
          case MAXIMUM_INNER_PRODUCT ->
              ofDot(
                  score >= 1
                      ? score * (1 - SCORE_ERROR) - 1
                      : 1 - 1 / (double) score * (1 + SCORE_ERROR));
          case COSINE -> {
            double cosine = 2 * score * (1 - SCORE_ERROR) - 1 - sumError;
            // The coded vector is the one of length 1, rounded to floats.
            double root = Math.sqrt(Math.max(0, 2 - 2 * cosine)) + 0x1p-22;
            yield root * root;
          }
        };
    return Math.max(0, most);
  }

  /** For all vectors, however long: ‖x − y‖² = ‖x‖² + ‖y‖² − 2·x·y. */
  private double ofDot(double dot) {
    double least = dot - sumError * Math.sqrt(greatestSquare * querySquare) - dimension * VANISHING;
    return (greatestSquare + querySquare) * (1 + 0x1p-40) - 2 * least;
  }
}
