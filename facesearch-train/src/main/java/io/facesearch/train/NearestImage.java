package io.facesearch.train;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** Recall@1 by identity. */
final class NearestImage {
  private NearestImage() {}

  /** Share of the images, of people with two or more, whose nearest other is of that person. */
  static double recallAt1(Inputs images, float[][] vectors) {
    Map<String, Integer> count = new HashMap<>();
    for (int i = 0; i < vectors.length; i++) {
      count.merge(images.identity(i), 1, Integer::sum);
    }
    int[] queries =
        IntStream.range(0, vectors.length)
            .filter(i -> count.getOrDefault(images.identity(i), 0) > 1)
            .toArray();
    long right =
        IntStream.of(queries)
            .parallel()
            .filter(i -> images.identity(nearest(vectors, i)).equals(images.identity(i)))
            .count();
    return (double) right / queries.length;
  }

  private static int nearest(float[][] vectors, int query) {
    float[] q = vectors[query];
    int best = -1;
    float least = Float.POSITIVE_INFINITY;
    for (int i = 0; i < vectors.length; i++) {
      float sum = 0;
      for (int d = 0; d < q.length; d++) {
        float x = q[d] - vectors[i][d];
        sum += x * x;
      }
      if (i != query && (best < 0 || sum < least)) {
        best = i;
        least = sum;
      }
    }
    return best;
  }
}
