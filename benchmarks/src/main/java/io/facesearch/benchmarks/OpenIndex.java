package io.facesearch.benchmarks;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntFunction;

/**
 * Saves an index and opens it again. The arguments: {@code save}, the folder of the statistics (see
 * {@link FaceVectors}), face20 or face2, the number of faces, the file; or {@code open} and the
 * file, which opens it in this new process, once, and with {@code read} behind it without mapping
 * it, and with a number behind it with so many threads for one query; then it tells what the heap
 * holds, and the processor time of searches. Where the memory has not room for both the vectors and
 * the index, {@code vectors}, with what {@code save} takes, writes vectors to the file, and {@code
 * index} makes an index of such a file, the number of faces, and writes it to another.
 */
public final class OpenIndex {
  private static final int QUERIES = 500;
  private static final int QUERIES_OF_MILLIONS = 30;
  private static final int MILLIONS = 2_000_000;
  private static final int ROUNDS = 9;

  private OpenIndex() {}

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    switch (args[0]) {
      case "save" -> {
        float[][] vectors = make(args).gallery();
        save(vectors.length, i -> vectors[i], Path.of(args[4]));
      }
      case "vectors" -> FaceVectors.write(Path.of(args[4]), make(args).gallery());
      case "index" -> index(Path.of(args[1]), Integer.parseInt(args[2]), Path.of(args[3]));
      case "open" -> {
        boolean mapped = args.length < 3 || !args[2].equals("read");
        open(Path.of(args[1]), mapped, args.length > 2 && mapped ? Integer.parseInt(args[2]) : 1);
      }
      default -> throw new IllegalArgumentException("save, vectors, index or open: " + args[0]);
    }
  }

  private static FaceVectors make(String[] args) throws IOException {
    return FaceVectors.make(Path.of(args[1]), args[2], Integer.parseInt(args[3]), 1, 1);
  }

  private static void index(Path vectors, int count, Path file) throws IOException {
    int bytes = 4 * FaceVectors.DIMENSION;
    try (FileChannel channel = FileChannel.open(vectors)) {
      save(
          count,
          i -> {
            ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
            float[] vector = new float[FaceVectors.DIMENSION];
            try {
              if (channel.read(buffer, (long) i * bytes) < bytes) {
                throw new EOFException(vectors + " has fewer than " + count + " vectors");
              }
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            buffer.flip().asFloatBuffer().get(vector);
            return vector;
          },
          file);
    }
  }

  private static void save(int count, IntFunction<float[]> vectors, Path file) throws IOException {
    List<EmbeddedFace> faces =
        new AbstractList<>() {
          @Override
          public EmbeddedFace get(int i) {
            String photo = "person-" + i / 2 + "/photo-" + i + ".jpg";
            FaceRecord face = new FaceRecord(photo, "person-" + i / 2, photo, null);
            return new EmbeddedFace(face, Embedding.of("m", vectors.apply(i)));
          }

          @Override
          public int size() {
            return count;
          }
        };
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
    long start = System.nanoTime();
    index.addAll(faces);
    long built = System.nanoTime();
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

  private static void open(Path file, boolean mapped, int searchThreads) throws IOException {
    long start = System.nanoTime();
    SigmoidTreeIndex index =
        SigmoidTreeIndex.builder().mapped(mapped).searchThreads(searchThreads).load(file);
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
    for (int i = 0; i < (count < MILLIONS ? QUERIES : QUERIES_OF_MILLIONS); i++) {
      queries.add(faces.get(random.nextInt(count)).embedding());
    }
    search(index, queries, Search.nearest(10), "exact");
    search(index, queries, Search.nearest(10).recall(0.99), "recall 0.99");
  }

  private static void search(
      SigmoidTreeIndex index, List<Embedding> queries, Search request, String name) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double[] rounds = new double[ROUNDS];
    double[] clocks = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long start = threads.getCurrentThreadCpuTime();
      long clock = System.nanoTime();
      for (Embedding query : queries) {
        index.search(query, request);
      }
      rounds[round] = (threads.getCurrentThreadCpuTime() - start) / 1e3 / queries.size();
      clocks[round] = (System.nanoTime() - clock) / 1e3 / queries.size();
    }
    double first = rounds[0];
    Arrays.sort(rounds);
    Arrays.sort(clocks);
    System.out.printf(
        Locale.ROOT,
        "%s: processor time of a search, first round %.0f us, least %.0f, median %.0f;"
            + " by the clock least %.0f, median %.0f%n",
        name,
        first,
        rounds[0],
        rounds[ROUNDS / 2],
        clocks[0],
        clocks[ROUNDS / 2]);
  }
}
