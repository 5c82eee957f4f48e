package io.facesearch.lucene;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScoreLimitTest {
  /** No vector lies beyond the limit of its own score, nor far within it. */
  @ParameterizedTest
  @EnumSource(VectorSimilarityFunction.class)
  void aVectorLiesWithinTheLimitOfItsScore(VectorSimilarityFunction similarity) {
    Random random = new Random(5);
    double farthest = 0;
    for (int i = 0; i < 20_000; i++) {
      int dimension = 1 + random.nextInt(i % 50 == 0 ? 1000 : 60);
      float[] x = Gallery.gaussian(random, dimension, 1);
      float[] y = Gallery.gaussian(random, dimension, 1);
      for (int j = 0; i % 3 == 0 && j < dimension; j++) {
        y[j] = x[j] + y[j] * (float) Math.pow(10, -random.nextInt(8));
      }
      boolean isInner =
          similarity == VectorSimilarityFunction.DOT_PRODUCT
              || similarity == VectorSimilarityFunction.MAXIMUM_INNER_PRODUCT;
      float size = (float) Math.pow(10, random.nextInt(13) - 6);
      for (int j = 0; j < dimension; j++) {
        x[j] *= size;
        y[j] *= size;
      }
      if (isInner) {
        Gallery.normalize(x);
        Gallery.normalize(y);
      }
      double square = ScoreLimit.square(x);
      assertThat(ScoreLimit.isUseful(similarity, square, square)).isTrue();
      ScoreLimit limit = new ScoreLimit(similarity, square, y);
      assertThat(limit.isUseful()).isTrue();
      double distance = distance(coded(similarity, x), limit, y);
      double most = limit.squared(similarity.compare(y, x));
      assertThat(distance).as("%s of %d", similarity, dimension).isLessThanOrEqualTo(most);
      boolean isOne = similarity != VectorSimilarityFunction.EUCLIDEAN;
      if (isOne && dimension <= 60 && most < Double.POSITIVE_INFINITY) {
        farthest = Math.max(farthest, most - distance);
      }
    }
    assertThat(farthest).as("what the limit is too wide").isLessThan(2e-4);
  }

  /** As fields are coded: of cosine fields the vector of length 1, in floats. */
  private static float[] coded(VectorSimilarityFunction similarity, float[] vector) {
    float[] coded = vector.clone();
    if (similarity == VectorSimilarityFunction.COSINE) {
      Gallery.normalize(coded);
    }
    return coded;
  }

  private static double distance(float[] coded, ScoreLimit limit, float[] query) {
    double[] target = new double[query.length];
    limit.query(query, target);
    double sum = 0;
    for (int j = 0; j < target.length; j++) {
      sum += (target[j] - coded[j]) * (target[j] - coded[j]);
    }
    return sum;
  }

  @Test
  void codesAreOfNoUseWhereScoresTellNoDistance() {
    assertThat(ScoreLimit.isUseful(VectorSimilarityFunction.COSINE, 0, 1)).isFalse();
    assertThat(ScoreLimit.isUseful(VectorSimilarityFunction.DOT_PRODUCT, 0.9, 1)).isFalse();
    assertThat(ScoreLimit.isUseful(VectorSimilarityFunction.MAXIMUM_INNER_PRODUCT, 1, 2)).isFalse();
    assertThat(ScoreLimit.isUseful(VectorSimilarityFunction.EUCLIDEAN, 0, 1e31)).isFalse();
    assertThat(new ScoreLimit(VectorSimilarityFunction.COSINE, 1, new float[3]).isUseful())
        .isFalse();
  }

  @Test
  void theLowestScoresExcludeNothing() {
    for (VectorSimilarityFunction similarity : VectorSimilarityFunction.values()) {
      ScoreLimit limit = new ScoreLimit(similarity, 1, new float[] {1, 0});
      assertThat(limit.squared(Float.NEGATIVE_INFINITY)).isInfinite();
      assertThat(limit.squared(0)).isInfinite();
    }
  }
}
