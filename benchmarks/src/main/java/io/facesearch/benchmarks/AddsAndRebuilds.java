package io.facesearch.benchmarks;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.index.IndexStats;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.store.FaceStore;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an index that is filled without a pause does to those who add and those who search. The
 * arguments: what is done, the folder of the statistics (see {@link FaceVectors}), a kind of
 * theirs, the number of faces, and for a {@link FaceStore} an empty folder, which is deleted;
 * without a folder it is a {@link SigmoidTreeIndex}. What is done is one of
 *
 * <ul>
 *   <li>{@code fill}: all faces are added one by one, by one thread: adds a second, the slowest of
 *       them;
 *   <li>{@code fill-and-search}: the same while another thread searches, k = 10;
 *   <li>{@code rebuild}: a quarter is added to an index that is at rest, so that its tree is
 *       rebuilt: searches before, until the tree is there, and after that.
 * </ul>
 *
 * <p>Each is done three times; the first warms up. Times are those of the clock; of searches those
 * of the processor too.
 */
public final class AddsAndRebuilds {
  private static final int ROUNDS = 3;
  private static final int QUERIES = 500;
  private static final int K = 10;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final EmbeddedFace[] faces;
  private final Embedding[] queries;
  private final @Nullable Path folder;

  private AddsAndRebuilds(EmbeddedFace[] faces, Embedding[] queries, @Nullable Path folder) {
    this.faces = faces;
    this.queries = queries;
    this.folder = folder;
  }

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws Exception if a file cannot be read or written
   */
  public static void main(String[] args) throws Exception {
    int count = Integer.parseInt(args[3]);
    FaceVectors vectors = FaceVectors.make(Path.of(args[1]), args[2], count, QUERIES, 1);
    EmbeddedFace[] faces = new EmbeddedFace[count];
    Arrays.setAll(
        faces,
        i ->
            new EmbeddedFace(
                FaceRecord.of("photo-" + i + ".jpg#0"), Embedding.of("m", vectors.gallery()[i])));
    Embedding[] queries =
        Arrays.stream(vectors.queries())
            .map(query -> Embedding.of("m", query))
            .toArray(Embedding[]::new);
    AddsAndRebuilds benchmark =
        new AddsAndRebuilds(faces, queries, args.length > 4 ? Path.of(args[4]) : null);
    for (int round = 0; round < ROUNDS; round++) {
      System.out.println("round " + round);
      switch (args[0]) {
        case "fill" -> benchmark.fill(false);
        case "fill-and-search" -> benchmark.fill(true);
        case "rebuild" -> benchmark.rebuild();
        default -> throw new IllegalArgumentException(args[0]);
      }
    }
  }

  /** An index and its figures. */
  private record Opened(FaceIndex index, Supplier<IndexStats> stats) {}

  private Opened open() throws IOException {
    if (folder == null) {
      SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
      return new Opened(index, index::stats);
    }
    delete();
    FaceStore store = FaceStore.open(folder);
    return new Opened(store, store::stats);
  }

  private void delete() throws IOException {
    if (folder != null && Files.exists(folder)) {
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private void fill(boolean searched) throws Exception {
    ExecutorService other = Executors.newSingleThreadExecutor();
    Opened opened = open();
    long[] adds = new long[faces.length];
    boolean[] done = {false};
    long closing;
    try (FaceIndex index = opened.index) {
      Future<Times> searches =
          searched ? other.submit(searchesUntil(index, () -> isDone(done))) : null;
      long busiest = 0;
      long start = System.nanoTime();
      for (int i = 0; i < adds.length; i++) {
        long cpu = THREADS.getCurrentThreadCpuTime();
        long begun = System.nanoTime();
        index.add(faces[i]);
        adds[i] = System.nanoTime() - begun;
        busiest = Math.max(busiest, THREADS.getCurrentThreadCpuTime() - cpu);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      synchronized (done) {
        done[0] = true;
      }
      Arrays.sort(adds);
      System.out.printf(
          Locale.ROOT,
          "filled%s: %.0f adds a second; the slowest %.1f ms, one in 10,000 above %.2f ms; the most"
              + " processor time of one %.1f ms%n",
          searched ? " and searched" : "",
          adds.length / seconds,
          adds[adds.length - 1] / 1e6,
          adds[adds.length - 1 - adds.length / 10_000] / 1e6,
          busiest / 1e6);
      if (searches != null) {
        print("searches meanwhile", searches.get());
      }
      closing = System.nanoTime();
    } finally {
      other.shutdown();
    }
    System.out.printf(Locale.ROOT, "closed in %.2f s%n", (System.nanoTime() - closing) / 1e9);
    delete();
  }

  private static boolean isDone(boolean[] done) {
    synchronized (done) {
      return done[0];
    }
  }

  private void rebuild() throws Exception {
    Opened opened = open();
    try (FaceIndex index = opened.index) {
      int first = faces.length / 5 * 4 - 1000;
      index.addAll(Arrays.asList(faces).subList(0, first));
      searchesUntil(index, after(1_000)).call();
      print("searches before a rebuild", searchesUntil(index, after(2_000)).call());
      long leaves = opened.stats.get().leaves();
      for (int i = first; i < faces.length; i++) {
        index.add(faces[i]);
      }
      long start = System.nanoTime();
      print(
          "searches during a rebuild",
          searchesUntil(index, () -> opened.stats.get().leaves() != leaves).call());
      System.out.printf(Locale.ROOT, "it took %.2f s more%n", (System.nanoTime() - start) / 1e9);
      print("searches after a rebuild", searchesUntil(index, after(2_000)).call());
    }
    delete();
  }

  private static BooleanSupplier after(long millis) {
    long end = System.nanoTime() + millis * 1_000_000;
    return () -> System.nanoTime() - end > 0;
  }

  /** Nanoseconds of each search, by the clock and of the processor. */
  private record Times(long[] clock, long[] processor) {}

  private Callable<Times> searchesUntil(FaceIndex index, BooleanSupplier end) {
    return () -> {
      long[] clock = new long[1 << 20];
      long[] processor = new long[1 << 20];
      int count = 0;
      for (int q = 0; count < clock.length && !end.getAsBoolean(); q++) {
        if (index.size() < K) {
          continue;
        }
        long cpu = THREADS.getCurrentThreadCpuTime();
        long start = System.nanoTime();
        if (index.search(queries[q % queries.length], K).matches().size() != K) {
          throw new IllegalStateException("fewer than " + K + " faces");
        }
        clock[count] = System.nanoTime() - start;
        processor[count++] = THREADS.getCurrentThreadCpuTime() - cpu;
      }
      return new Times(Arrays.copyOf(clock, count), Arrays.copyOf(processor, count));
    };
  }

  private static void print(String what, Times times) {
    System.out.printf(
        Locale.ROOT,
        "%s: %d; by the clock %s; of the processor %s%n",
        what,
        times.clock.length,
        distribution(times.clock),
        distribution(times.processor));
  }

  private static String distribution(long[] nanos) {
    if (nanos.length == 0) {
      return "none";
    }
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return String.format(
        Locale.ROOT,
        "mean %.3f ms, median %.3f, 90 %% %.3f, 99 %% %.3f, longest %.1f",
        Arrays.stream(sorted).average().orElseThrow() / 1e6,
        sorted[sorted.length / 2] / 1e6,
        sorted[(int) (sorted.length * 0.9)] / 1e6,
        sorted[(int) (sorted.length * 0.99)] / 1e6,
        sorted[sorted.length - 1] / 1e6);
  }
}
