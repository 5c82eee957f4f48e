package io.facesearch.benchmarks;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Saves an index and opens it again. The arguments: {@code save}, the folder of the statistics (see
 * {@link FaceVectors}), face20 or face2, the number of faces, the file; or {@code open} and the
 * file, which opens it in this new process, once, and with {@code read} behind it without mapping
 * it; then it tells what the heap holds, and the processor time of searches.
 */
public final class OpenIndex {
  private static final int QUERIES = 500;
  private static final int ROUNDS = 9;

  private OpenIndex() {}

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    if (args[0].equals("save")) {
      save(args);
    } else {
      open(Path.of(args[1]), args.length < 3 || !args[2].equals("read"));
    }
  }

  private static void save(String[] args) throws IOException {
    int count = Integer.parseInt(args[3]);
    FaceVectors vectors = FaceVectors.make(Path.of(args[1]), args[2], count, 1, 1);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (float[] vector : vectors.gallery()) {
      int i = faces.size();
      FaceRecord face =
          new FaceRecord(
              "person-" + i / 2 + "/photo-" + i + ".jpg",
              "person-" + i / 2,
              "person-" + i / 2 + "/photo-" + i + ".jpg",
              null);
      faces.add(new EmbeddedFace(face, Embedding.of("m", vector)));
    }
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
    long start = System.nanoTime();
    index.addAll(faces);
    long built = System.nanoTime();
    Path file = Path.of(args[4]);
    index.save(file);
    System.out.printf(
        Locale.ROOT,
        "%d faces: built in %.1f s, saved in %.2f s, %.1f MB, vectors %.1f MB%n",
        count,
        (built - start) / 1e9,
        (System.nanoTime() - built) / 1e9,
        Files.size(file) / 1e6,
        index.stats().vectorBytes() / 1e6);
  }

  private static void open(Path file, boolean mapped) throws IOException {
    long start = System.nanoTime();
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().mapped(mapped).load(file);
    long opened = System.nanoTime();
    Duration cpu = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    int count = index.size();
    EmbeddedFace last = index.faces().get(count - 1);
    long found = System.nanoTime();
    SearchResult result = index.search(last.embedding(), 10);
    long searched = System.nanoTime();
    if (!result.matches().get(0).face().equals(last.face())
        || index.get(last.face().id()).isEmpty()) {
      throw new IllegalStateException("the last face is not found");
    }
    System.out.printf(
        Locale.ROOT,
        "%d faces: opened in %.3f s (%.3f s of the processor, the start of Java included),"
            + " first search %.1f ms more%n",
        count,
        (opened - start) / 1e9,
        cpu.toMillis() / 1e3,
        (searched - found) / 1e6);
    System.gc();
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    System.out.printf(
        Locale.ROOT,
        "heap %.1f MB, %.1f bytes a face; %.1f MB are mapped%n",
        heap / 1e6,
        (double) heap / count,
        index.stats().mappedBytes() / 1e6);
    List<EmbeddedFace> faces = index.faces();
    Random random = new Random(1);
    List<Embedding> queries = new ArrayList<>();
    for (int i = 0; i < QUERIES; i++) {
      queries.add(faces.get(random.nextInt(count)).embedding());
    }
    search(index, queries, Search.nearest(10), "exact");
    search(index, queries, Search.nearest(10).recall(0.99), "recall 0.99");
  }

  private static void search(
      SigmoidTreeIndex index, List<Embedding> queries, Search request, String name) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double[] rounds = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long start = threads.getCurrentThreadCpuTime();
      for (Embedding query : queries) {
        index.search(query, request);
      }
      rounds[round] = (threads.getCurrentThreadCpuTime() - start) / 1e3 / QUERIES;
    }
    double first = rounds[0];
    Arrays.sort(rounds);
    System.out.printf(
        Locale.ROOT,
        "%s: processor time of a search, first round %.0f us, least %.0f, median %.0f%n",
        name,
        first,
        rounds[0],
        rounds[ROUNDS / 2]);
  }
}
