package io.facesearch.benchmarks;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.store.FaceStore;
import io.facesearch.store.SyncPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Speed of a {@link FaceStore}. The arguments:
 *
 * <ul>
 *   <li>{@code fill STATISTICS COUNT FOLDER}: makes a store of so many faces at once, and tells
 *       times and sizes of its files (statistics: see {@link FaceVectors});
 *   <li>{@code open FOLDER}: opens it in this new process, once;
 *   <li>{@code add STATISTICS COUNT FOLDER}: adds so many faces one by one to a new store, with
 *       each {@link SyncPolicy}, and deletes it;
 *   <li>{@code search STATISTICS COUNT FOLDER}: exact searches of a store that was filled; then 1 %
 *       of its faces are removed and 1 % more are added, and it is searched again.
 * </ul>
 *
 * <p>With {@code key} behind them the store is encrypted.
 */
public final class StoreSpeed {
  private static final int QUERIES = 500;
  private static final int ROUNDS = 15;

  private StoreSpeed() {}

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    byte[] key = args[args.length - 1].equals("key") ? new byte[32] : null;
    if (args[0].equals("open")) {
      open(Path.of(args[1]), key);
      return;
    }
    int count = Integer.parseInt(args[2]);
    Path folder = Path.of(args[3]);
    FaceVectors vectors =
        FaceVectors.make(Path.of(args[1]), "face2", count + count / 100, QUERIES, 1);
    switch (args[0]) {
      case "fill" -> fill(vectors, count, folder, key);
      case "add" -> add(vectors, count, folder, key);
      case "search" -> search(vectors, count, folder, key);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static FaceStore.Builder builder(Path folder, byte @Nullable [] key) {
    FaceStore.Builder builder = FaceStore.builder(folder);
    return key == null ? builder : builder.key(key);
  }

  private static EmbeddedFace face(FaceVectors vectors, int i) {
    String photo = "person-" + i / 2 + "/photo-" + i + ".jpg";
    return new EmbeddedFace(
        new FaceRecord(photo + "#0", "person-" + i / 2, photo, null),
        Embedding.of("m", vectors.gallery()[i]));
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static void fill(FaceVectors vectors, int count, Path folder, byte @Nullable [] key)
      throws IOException {
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      faces.add(face(vectors, i));
    }
    long start = System.nanoTime();
    FaceStore store = builder(folder, key).open();
    store.addAll(faces);
    double added = seconds(start);
    start = System.nanoTime();
    store.close();
    System.out.printf(
        Locale.ROOT, "%d faces: added in %.1f s, closed in %.1f s", count, added, seconds(start));
    printSizes(folder);
  }

  private static void printSizes(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        System.out.printf(Locale.ROOT, "; %s %.1f MB", file.getFileName(), Files.size(file) / 1e6);
      }
    }
    System.out.println();
  }

  private static void open(Path folder, byte @Nullable [] key) throws IOException {
    long start = System.nanoTime();
    try (FaceStore store = builder(folder, key).open()) {
      double opened = seconds(start);
      EmbeddedFace last = store.faces().get(store.size() - 1);
      start = System.nanoTime();
      if (!store.search(last.embedding(), 1).matches().get(0).face().equals(last.face())) {
        throw new IllegalStateException("the last face is not found");
      }
      System.out.printf(
          Locale.ROOT,
          "%d faces: opened in %.3f s, first search %.1f ms more%n",
          store.size(),
          opened,
          seconds(start) * 1e3);
    }
  }

  private static void add(FaceVectors vectors, int count, Path folder, byte @Nullable [] key)
      throws IOException {
    EmbeddedFace[] faces = new EmbeddedFace[count];
    for (int i = 0; i < count; i++) {
      faces[i] = face(vectors, i);
    }
    // The first run warms up.
    for (SyncPolicy policy :
        List.of(
            SyncPolicy.ON_DEMAND,
            SyncPolicy.interval(Duration.ofSeconds(1)),
            SyncPolicy.ON_DEMAND,
            SyncPolicy.EVERY_WRITE)) {
      delete(folder);
      long start = System.nanoTime();
      try (FaceStore store = builder(folder, key).sync(policy).open()) {
        int added = 0;
        long longest = 0;
        while (added < count && seconds(start) < 60) {
          long begun = System.nanoTime();
          store.add(faces[added++]);
          longest = Math.max(longest, System.nanoTime() - begun);
        }
        System.out.printf(
            Locale.ROOT,
            "%s: %d faces one by one, %.0f a second, the longest took %d ms",
            policy,
            added,
            added / seconds(start),
            longest / 1_000_000);
        start = System.nanoTime();
      }
      System.out.printf(Locale.ROOT, ", closed in %.2f s", seconds(start));
      printSizes(folder);
    }
    delete(folder);
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static void search(FaceVectors vectors, int count, Path folder, byte @Nullable [] key)
      throws IOException {
    List<Embedding> queries =
        Arrays.stream(vectors.queries()).map(query -> Embedding.of("m", query)).toList();
    try (FaceStore store = builder(folder, key).open()) {
      double clean = micros(store, queries);
      for (int i = 0; i < count / 100; i++) {
        store.remove(face(vectors, 100 * i + 50).face().id());
        store.add(face(vectors, count + i));
      }
      double changed = micros(store, queries);
      System.out.printf(
          Locale.ROOT,
          "%d faces: exact search, k = 10, %.1f µs; with 1 %% removed and 1 %% new ones %.1f µs,"
              + " %.2f times%n",
          count,
          clean,
          changed,
          changed / clean);
    }
  }

  /** Mean over the queries of the least time of each, which leaves out what others took. */
  private static double micros(FaceStore store, List<Embedding> queries) {
    double[] least = new double[queries.size()];
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    for (int round = 0; round < 2 * ROUNDS; round++) {
      for (int q = 0; q < least.length; q++) {
        long start = System.nanoTime();
        if (store.search(queries.get(q), 10).matches().size() != 10) {
          throw new IllegalStateException("fewer than 10 faces");
        }
        if (round >= ROUNDS) {
          least[q] = Math.min(least[q], (System.nanoTime() - start) / 1e3);
        }
      }
    }
    return Arrays.stream(least).average().orElseThrow();
  }
}
