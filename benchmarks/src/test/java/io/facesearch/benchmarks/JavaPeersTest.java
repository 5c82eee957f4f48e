package io.facesearch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JavaPeersTest {
  private static final int K = 10;
  private final Random random = new Random(1);
  private final float[][] rows = vectors(1500);
  private final float[][] queries = vectors(20);

  @ParameterizedTest
  @ValueSource(strings = {"lucene", "jvector", "hnswlib-core"})
  void findsTheNearest(String name) throws Exception {
    int[][] truth = new int[queries.length][];
    int[][] found = new int[queries.length][];
    int[][] narrow = new int[queries.length][];
    try (GraphPeer peer = JavaPeers.peer(name)) {
      assertThat(peer.name()).containsPattern("\\d+\\.\\d+\\.\\d+$");
      peer.build(rows, 100);
      for (int q = 0; q < queries.length; q++) {
        truth[q] = nearest(queries[q]);
        found[q] = peer.search(queries[q], K, 1000);
        narrow[q] = peer.search(queries[q], K, K);
        assertThat(found[q]).hasSize(K).doesNotHaveDuplicates();
      }
    }
    assertThat(Measurement.recall(found, truth)).isGreaterThan(0.99);
    // The setting reaches the library: a short list of candidates finds less.
    assertThat(Measurement.recall(narrow, truth)).isBetween(0.1, 0.98);
  }

  @Test
  void refusesOthers() {
    assertThatThrownBy(() -> JavaPeers.peer("annoy")).hasMessageContaining("annoy");
  }

  private float[][] vectors(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i -> {
              float[] vector = new float[FaceVectors.DIMENSION];
              for (int j = 0; j < vector.length; j++) {
                vector[j] = (float) random.nextGaussian();
              }
              return vector;
            })
        .toArray(float[][]::new);
  }

  private int[] nearest(float[] query) {
    return IntStream.range(0, rows.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> distance(rows[i], query)))
        .limit(K)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += (a[j] - (double) b[j]) * (a[j] - (double) b[j]);
    }
    return sum;
  }
}
