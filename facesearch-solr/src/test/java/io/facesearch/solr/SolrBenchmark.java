package io.facesearch.solr;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.Search;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Faces on three nodes of this machine, two shards with two replicas: time to add them, time of
 * searches, and how many of the ten nearest are found, by our format and by Solr's own HNSW. The
 * truth is a scan in double; ours must be equal to it.
 */
public final class SolrBenchmark {
  private static final int DIMENSION = 128;
  private static final int K = 10;
  private static final int BATCH = 2_000;

  private SolrBenchmark() {}

  /**
   * Measures.
   *
   * @param args file of vectors, file of queries (floats, little-endian, as SearchCpuTime writes
   *     them), how many of each, and an empty folder
   */
  public static void main(String[] args) throws Exception {
    List<Embedding> vectors = read(Path.of(args[0]), Integer.parseInt(args[2]));
    List<Embedding> queries = read(Path.of(args[1]), Integer.parseInt(args[3]));
    int[][] truth = new int[queries.size()][];
    for (int q = 0; q < truth.length; q++) {
      truth[q] = nearest(vectors, queries.get(q));
    }
    try (LocalCluster solr = LocalCluster.start(Path.of(args[4]), 3, "1g")) {
      for (String algorithm : List.of(SigmoidTreeCodecFactory.ALGORITHM, "hnsw")) {
        solr.createCollection(algorithm, DIMENSION, 2, 2, algorithm);
        try (SolrStorage storage =
            SolrStorage.builder(algorithm, solr.urls()).patience(Duration.ofMinutes(5)).open()) {
          measure(algorithm, storage, vectors, queries, truth);
        }
      }
    }
    System.exit(0);
  }

  private static void measure(
      String name,
      SolrStorage storage,
      List<Embedding> vectors,
      List<Embedding> queries,
      int[][] truth) {
    long start = System.nanoTime();
    for (int i = 0; i < vectors.size(); i += BATCH) {
      List<EmbeddedFace> faces = new ArrayList<>();
      for (int j = i; j < Math.min(vectors.size(), i + BATCH); j++) {
        faces.add(new EmbeddedFace(FaceRecord.of(Integer.toString(j)), vectors.get(j)));
      }
      storage.addAll(faces);
    }
    double added = (System.nanoTime() - start) / 1e9;
    storage.searchAll(queries.subList(0, Math.min(50, queries.size())), Search.nearest(K));
    double[] millis = new double[queries.size()];
    int found = 0;
    int equal = 0;
    for (int q = 0; q < queries.size(); q++) {
      start = System.nanoTime();
      List<FaceMatch> matches = storage.search(queries.get(q), Search.nearest(K)).matches();
      millis[q] = (System.nanoTime() - start) / 1e6;
      int[] ids = matches.stream().mapToInt(match -> Integer.parseInt(match.face().id())).toArray();
      equal += Arrays.equals(ids, truth[q]) ? 1 : 0;
      for (int id : ids) {
        found += Arrays.stream(truth[q]).anyMatch(each -> each == id) ? 1 : 0;
      }
    }
    Arrays.sort(millis);
    System.out.printf(
        "%s: %,d faces in %.1f s (%,.0f a second); %d of %d answers equal the scan's, recall %.4f;"
            + " a search takes %.1f ms (median), %.1f ms (99 %%)%n",
        name,
        vectors.size(),
        added,
        vectors.size() / added,
        equal,
        queries.size(),
        found / (double) (K * queries.size()),
        millis[millis.length / 2],
        millis[millis.length * 99 / 100]);
    if (name.equals(SigmoidTreeCodecFactory.ALGORITHM) && equal < queries.size()) {
      throw new AssertionError("an answer differs from the scan's");
    }
  }

  private static List<Embedding> read(Path file, int count) throws Exception {
    List<Embedding> vectors = new ArrayList<>(count);
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * DIMENSION).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < count; i++) {
        bytes.clear();
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
          // The rest comes with the next read.
        }
        bytes.flip();
        float[] vector = new float[DIMENSION];
        bytes.asFloatBuffer().get(vector);
        vectors.add(Embedding.of("benchmark", vector));
      }
    }
    return vectors;
  }

  /** Nearest first; equal distances in order. */
  private static int[] nearest(List<Embedding> vectors, Embedding query) {
    int[] ids = new int[K];
    double[] distances = new double[K];
    Arrays.fill(distances, Double.POSITIVE_INFINITY);
    for (int i = 0; i < vectors.size(); i++) {
      double distance = vectors.get(i).distanceTo(query);
      if (distance < distances[K - 1]) {
        int place = K - 1;
        while (place > 0 && distances[place - 1] > distance) {
          distances[place] = distances[place - 1];
          ids[place] = ids[place - 1];
          place--;
        }
        distances[place] = distance;
        ids[place] = i;
      }
    }
    return ids;
  }
}
