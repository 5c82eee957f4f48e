package io.facesearch.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One exact query at a time, k = 10, on one thread and on several; they take turns, and the answers
 * must be the same. Times are those of the clock and of all processors. The arguments: the folder
 * of the statistics (see {@link FaceVectors}), a kind of theirs, the number of faces, and numbers
 * of threads.
 */
public final class QueryOnThreads {
  private static final int QUERIES = 20;
  private static final int ROUNDS = 100;
  private static final int WARM_UP = 4;
  private static final int K = 10;
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private QueryOnThreads() {}

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws IOException if the statistics cannot be read, or the index cannot be written
   */
  public static void main(String[] args) throws IOException {
    int count = Integer.parseInt(args[2]);
    FaceVectors vectors = FaceVectors.make(Path.of(args[0]), args[1], count, QUERIES, 1);
    List<Embedding> queries =
        Arrays.stream(vectors.queries()).map(query -> Embedding.of("m", query)).toList();
    int[] threads = Arrays.stream(args).skip(3).mapToInt(Integer::parseInt).toArray();
    // All from one file, so that they have the same tree.
    Path file = Files.createTempFile("facesearch", ".fsx");
    SigmoidTreeIndex[] indexes = new SigmoidTreeIndex[threads.length];
    try {
      save(vectors.gallery(), file);
      for (int i = 0; i < threads.length; i++) {
        indexes[i] =
            SigmoidTreeIndex.builder().approximate(false).searchThreads(threads[i]).load(file);
      }
    } finally {
      Files.deleteIfExists(file);
    }
    double[][][] micros = new double[threads.length][QUERIES][ROUNDS];
    double[][] processor = new double[threads.length][ROUNDS];
    List<List<FaceMatch>> expected = new ArrayList<>();
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      for (int i = 0; i < indexes.length; i++) {
        long cpu = SYSTEM.getProcessCpuTime();
        for (int q = 0; q < QUERIES; q++) {
          long start = System.nanoTime();
          List<FaceMatch> found = indexes[i].search(queries.get(q), K).matches();
          if (round >= 0) {
            micros[i][q][round] = (System.nanoTime() - start) / 1e3;
          }
          if (expected.size() < QUERIES) {
            expected.add(found);
          } else if (!expected.get(q).equals(found)) {
            throw new IllegalStateException("another answer on " + threads[i] + " threads");
          }
        }
        if (round >= 0) {
          processor[i][round] = (SYSTEM.getProcessCpuTime() - cpu) / 1e3 / QUERIES;
        }
      }
    }
    double[] least = new double[threads.length];
    for (int i = 0; i < threads.length; i++) {
      double median = 0;
      for (double[] some : micros[i]) {
        Arrays.sort(some);
        least[i] += some[0] / QUERIES;
        median += some[ROUNDS / 2] / QUERIES;
      }
      Arrays.sort(processor[i]);
      System.out.printf(
          Locale.ROOT,
          "%d faces, %d threads: mean of the least %.0f us, of the medians %.0f us, %.2f times;"
              + " processor time %.0f us, %.2f times%n",
          count,
          threads[i],
          least[i],
          median,
          least[i] / least[0],
          processor[i][ROUNDS / 2],
          processor[i][ROUNDS / 2] / processor[0][ROUNDS / 2]);
    }
  }

  private static void save(float[][] vectors, Path file) throws IOException {
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().approximate(false).build();
    index.addAll(
        new AbstractList<>() {
          @Override
          public EmbeddedFace get(int i) {
            return new EmbeddedFace(FaceRecord.of("f" + i), Embedding.of("m", vectors[i]));
          }

          @Override
          public int size() {
            return vectors.length;
          }
        });
    index.overwrite(file);
  }
}
