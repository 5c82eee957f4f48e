package io.facesearch.benchmarks;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.Search;
import io.facesearch.index.IndexStats;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Processor time of exact searches, which other programs on the machine disturb less than they
 * disturb the time that passes. Run it with and without {@code --add-modules jdk.incubator.vector}:
 * where C2 no longer vectorizes a loop, plain Java takes 10 times as long or more. The arguments:
 * the folder of the statistics and the kind, see {@link FaceVectors}, the number of vectors, and k;
 * then files that the vectors and the queries are written to, for {@code faiss_flat.py}. {@code
 * -Dfacesearch.queries=2000} makes other than 500 queries.
 */
public final class SearchCpuTime {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int QUERIES = Integer.getInteger("facesearch.queries", 500);
  private static final int WARM_UP = 10;
  private static final int ROUNDS = 15;

  private SearchCpuTime() {}

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws IOException if the statistics cannot be read
   */
  public static void main(String[] args) throws IOException {
    int count = Integer.parseInt(args[2]);
    int k = Integer.parseInt(args[3]);
    FaceVectors vectors = FaceVectors.make(Path.of(args[0]), args[1], count, QUERIES, 1);
    if (args.length > 4) {
      FaceVectors.write(Path.of(args[4]), vectors.gallery());
      FaceVectors.write(Path.of(args[5]), vectors.queries());
    }
    List<EmbeddedFace> faces = new ArrayList<>(count);
    for (float[] vector : vectors.gallery()) {
      String id = Integer.toString(faces.size());
      faces.add(new EmbeddedFace(FaceRecord.of(id), Embedding.of(args[1], vector)));
    }
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().approximate(false).build();
    index.addAll(faces);
    List<Embedding> queries =
        Arrays.stream(vectors.queries()).map(query -> Embedding.of(args[1], query)).toList();
    long compared = 0;
    double[] single = new double[ROUNDS];
    double[] batch = new double[ROUNDS];
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      compared = 0;
      long start = THREADS.getCurrentThreadCpuTime();
      for (Embedding query : queries) {
        compared += index.search(query, k).distancesComputed();
      }
      long middle = THREADS.getCurrentThreadCpuTime();
      index.searchAll(queries, Search.nearest(k));
      if (round >= 0) {
        single[round] = (middle - start) / 1e3 / QUERIES;
        batch[round] = (THREADS.getCurrentThreadCpuTime() - middle) / 1e3 / QUERIES;
      }
    }
    Arrays.sort(single);
    Arrays.sort(batch);
    IndexStats stats = index.stats();
    System.out.printf(
        Locale.ROOT,
        "%s %d k %d, Java %s, kernel %s, memory %.2f: %.0f compared; %.1f us a query (least %.1f),"
            + " in a batch %.1f (%.1f)%n",
        args[1],
        count,
        k,
        System.getProperty("java.version"),
        stats.kernel(),
        stats.ratio(),
        (double) compared / QUERIES,
        single[ROUNDS / 2],
        single[0],
        batch[ROUNDS / 2],
        batch[0]);
  }
}
