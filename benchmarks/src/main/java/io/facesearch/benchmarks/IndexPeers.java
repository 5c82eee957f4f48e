package io.facesearch.benchmarks;

import com.google.gson.GsonBuilder;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.SearchResult;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Measures {@link SigmoidTreeIndex} against other libraries on the same data, on one thread, each
 * with its recall. The first argument is the folder of the statistics, see {@link FaceVectors},
 * then a data set, the number of vectors, k, a file for the results as JSON, and the commands of
 * peers, each in one argument, in which {@code {}} stands for the files, the dimension and k, and
 * {@code {rounds}} for the number of rounds and the file of the right answers: {@code
 * native/peers.cpp} tells what a peer must print.
 *
 * <p>Two times are given, in microseconds a query: the median of five rounds over all queries, and
 * the quiet time, the mean over the queries of the least time of each over the rounds, which on a
 * machine that others use too leaves out the time that they took.
 */
public final class IndexPeers {
  private static final int QUERIES = 500;
  private static final int BATCH = 2000;
  private static final int ROUNDS = 5;
  private static final int WARM_UP_SECONDS = 3;

  private IndexPeers() {}

  /** One row of the table. */
  record Line(String name, double buildSeconds, double median, double quiet, double recall) {}

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws Exception if something fails
   */
  public static void main(String[] args) throws Exception {
    String kind = args[1];
    int count = Integer.parseInt(args[2]);
    int k = Integer.parseInt(args[3]);
    FaceVectors vectors = FaceVectors.make(Path.of(args[0]), kind, count, BATCH, 1);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      faces.add(
          new EmbeddedFace(
              FaceRecord.of(Integer.toString(i)), Embedding.of(kind, vectors.gallery()[i])));
    }
    List<Embedding> queries =
        Arrays.stream(vectors.queries()).map(q -> Embedding.of(kind, q)).toList();
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
    long start = System.nanoTime();
    index.addAll(faces);
    final double build = (System.nanoTime() - start) / 1e9;
    int[][] truth = truth(faces, queries, k);
    faces.clear();

    List<Line> lines = new ArrayList<>();
    String name = "facesearch exact, kernel " + index.stats().kernel();
    SearchResult[] found = new SearchResult[QUERIES];
    lines.add(measure(name, build, q -> found[q] = index.search(queries.get(q), k), found, truth));
    lines.add(batch(name, build, index, queries, k));

    Path folder = Files.createTempDirectory("index-peers");
    Path base = folder.resolve("base.f32");
    Path asked = folder.resolve("queries.f32");
    Path expected = folder.resolve("truth.i32");
    FaceVectors.write(base, vectors.gallery());
    FaceVectors.write(asked, vectors.queries());
    ByteBuffer bytes = ByteBuffer.allocate(4 * QUERIES * k).order(ByteOrder.LITTLE_ENDIAN);
    for (int[] row : truth) {
      bytes.asIntBuffer().put(row);
      bytes.position(bytes.position() + 4 * k);
    }
    Files.write(expected, bytes.array());
    for (String command : Arrays.asList(args).subList(5, args.length)) {
      lines.addAll(peer(command, base, asked, k, expected));
    }
    Files.delete(base);
    Files.delete(asked);
    Files.delete(expected);
    Files.delete(folder);
    print(kind, count, k, lines, index, Path.of(args[4]));
  }

  private static int[][] truth(List<EmbeddedFace> faces, List<Embedding> queries, int k) {
    FlatIndex flat = new FlatIndex();
    flat.addAll(faces);
    int[][] truth = new int[QUERIES][];
    for (int q = 0; q < QUERIES; q++) {
      truth[q] = ids(flat.search(queries.get(q), k));
    }
    return truth;
  }

  private static int[] ids(SearchResult result) {
    int[] ids = new int[result.matches().size()];
    int i = 0;
    for (FaceMatch match : result) {
      ids[i++] = Integer.parseInt(match.face().id());
    }
    return ids;
  }

  private static Line measure(
      String name, double build, IntConsumer search, SearchResult[] found, int[][] truth) {
    long end = System.nanoTime() + WARM_UP_SECONDS * 1_000_000_000L;
    while (System.nanoTime() < end) {
      for (int q = 0; q < QUERIES; q++) {
        search.accept(q);
      }
    }
    double[] rounds = new double[ROUNDS];
    double[] least = new double[QUERIES];
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    for (int round = 0; round < ROUNDS; round++) {
      for (int q = 0; q < QUERIES; q++) {
        long start = System.nanoTime();
        search.accept(q);
        double time = (System.nanoTime() - start) / 1e3;
        rounds[round] += time / QUERIES;
        least[q] = Math.min(least[q], time);
      }
    }
    Arrays.sort(rounds);
    double right = 0;
    for (int q = 0; q < QUERIES; q++) {
      int[] ids = ids(found[q]);
      Arrays.sort(ids);
      right +=
          Arrays.stream(truth[q]).filter(id -> Arrays.binarySearch(ids, id) >= 0).count()
              / (double) truth[q].length;
    }
    double quiet = Arrays.stream(least).average().orElseThrow();
    return new Line(name, build, rounds[ROUNDS / 2], quiet, right / QUERIES);
  }

  private static Line batch(
      String name, double build, SigmoidTreeIndex index, List<Embedding> queries, int k) {
    double[] rounds = new double[ROUNDS];
    for (int round = -2; round < ROUNDS; round++) {
      long start = System.nanoTime();
      index.searchAll(queries, k);
      if (round >= 0) {
        rounds[round] = (System.nanoTime() - start) / 1e3 / queries.size();
      }
    }
    Arrays.sort(rounds);
    return new Line(name + ", batch of " + queries.size(), build, rounds[ROUNDS / 2], rounds[0], 1);
  }

  private static List<Line> peer(String command, Path base, Path asked, int k, Path truth)
      throws IOException, InterruptedException {
    String files = base + " " + asked + " " + FaceVectors.DIMENSION + " " + k;
    List<String> words =
        List.of(
            command.replace("{}", files).replace("{rounds}", ROUNDS + " " + truth).split(" +", -1));
    Process process =
        new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<Line> lines = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        String[] fields = text.split("\t", -1);
        lines.add(
            new Line(
                fields[0],
                Double.parseDouble(fields[1]),
                Double.parseDouble(fields[2]),
                Double.parseDouble(fields[3]),
                Double.parseDouble(fields[4])));
      }
    }
    if (process.waitFor() != 0) {
      throw new IOException(words.get(0) + " ended with " + process.exitValue());
    }
    return lines;
  }

  private static void print(
      String kind, int count, int k, List<Line> lines, SigmoidTreeIndex index, Path file)
      throws IOException {
    System.out.printf(
        Locale.ROOT,
        "%s, %d vectors, k = %d, memory %.3f times the vectors%n%n",
        kind,
        count,
        k,
        index.stats().ratio());
    System.out.println("| | build s | median µs | quiet µs | ratio | recall |");
    System.out.println("| --- | --- | --- | --- | --- | --- |");
    for (Line line : lines) {
      System.out.printf(
          Locale.ROOT,
          "| %s | %.2f | %.1f | %.1f | %.2f | %.4f |%n",
          line.name(),
          line.buildSeconds(),
          line.median(),
          line.quiet(),
          line.quiet() / lines.get(0).quiet(),
          line.recall());
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("data", kind);
    json.put("vectors", count);
    json.put("k", k);
    json.put("java", System.getProperty("java.vm.version"));
    json.put("stats", index.stats());
    json.put("lines", lines);
    Files.writeString(file, new GsonBuilder().setPrettyPrinting().create().toJson(json) + "\n");
  }
}
