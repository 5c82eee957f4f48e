package io.facesearch.benchmarks;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.Search;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Measures {@link SigmoidTreeIndex} against other libraries on the same data, on one thread, each
 * with its recall. The arguments:
 *
 * <ol>
 *   <li>the folder of the statistics, see {@link FaceVectors};
 *   <li>a folder for the data, which is made there once and used by the next run again;
 *   <li>{@code face20} or {@code face2}, with {@code -unit} behind it for vectors of norm 1;
 *   <li>the number of vectors;
 *   <li>k;
 *   <li>a file for the results as JSON, see {@link PeerResults}: another run of the same data adds
 *       its peers to it; a chart of the same name is drawn beside it;
 *   <li>the commands of peers, each in one argument, in which {@code {}} stands for the files, the
 *       dimension and k, and {@code {rounds}} for the number of rounds and the file of the right
 *       answers: {@code native/peers.py} tells what a peer must print.
 * </ol>
 *
 * <p>{@code -Dapproximate=false} leaves out the approximate search, whose preparation takes most of
 * the time to build.
 */
public final class IndexPeers {
  private static final int ROUNDS = 5;
  private static final double[] TARGETS = {0.9, 0.95, 0.98, 0.99, 0.995, 0.999};

  private IndexPeers() {}

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws Exception if something fails
   */
  public static void main(String[] args) throws Exception {
    if (args.length < 6) {
      throw new IllegalArgumentException(
          "statistics folder, data folder, face20 or face2, number of vectors, k, results.json and"
              + " commands of peers, but there are "
              + args.length
              + " arguments");
    }
    int count = Integer.parseInt(args[3]);
    int k = Integer.parseInt(args[4]);
    PeerData data = PeerData.in(Path.of(args[1]), Path.of(args[0]), args[2], count, k);
    PeerResults results = PeerResults.open(Path.of(args[5]), data);

    List<Measurement> own = own(data, results);
    results.add(own, own.get(0));
    results.write();
    String files =
        data.base() + " " + data.queries() + " " + FaceVectors.DIMENSION + " " + data.k();
    for (String command : Arrays.asList(args).subList(6, args.length)) {
      String filled = command.replace("{}", files).replace("{rounds}", ROUNDS + " " + data.truth());
      results.add(peer(filled), own.get(0));
      results.write();
    }
    results.print(System.out);
    PeerCharts.recall(results, PeerCharts.beside(Path.of(args[5])));
  }

  /** Exact search first: the ratios of a run are to it. */
  private static List<Measurement> own(PeerData data, PeerResults results) throws IOException {
    List<EmbeddedFace> faces = data.faces();
    List<Embedding> queries = data.embeddings();
    int[][] truth = PeerData.truth(data.truth(), data.k());
    int k = data.k();
    long start = System.nanoTime();
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().approximate(false).build();
    index.addAll(faces);
    final double build = seconds(start);
    results.exact(index.stats());
    List<Measurement> lines = new ArrayList<>();
    String name = "facesearch exact";
    lines.add(exact(name, build, index, queries, k, truth));
    lines.add(batch(name, build, index, queries, k, truth));
    if (Boolean.parseBoolean(System.getProperty("approximate", "true"))) {
      start = System.nanoTime();
      index = SigmoidTreeIndex.builder().build();
      index.addAll(faces);
      results.approximate(index.stats());
      lines.addAll(approximate(seconds(start), index, queries, k, truth));
    }
    return lines;
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static Measurement exact(
      String name,
      double build,
      SigmoidTreeIndex index,
      List<Embedding> queries,
      int k,
      int[][] truth) {
    return Measurement.of(
        name, build, ROUNDS, q -> index.search(queries.get(q), k), PeerData::ids, truth);
  }

  private static Measurement batch(
      String name,
      double build,
      SigmoidTreeIndex index,
      List<Embedding> queries,
      int k,
      int[][] truth) {
    double[] rounds = new double[ROUNDS];
    List<SearchResult> found = List.of();
    for (int round = -2; round < ROUNDS; round++) {
      long start = System.nanoTime();
      found = index.searchAll(queries, Search.nearest(k));
      if (round >= 0) {
        rounds[round] = (System.nanoTime() - start) / 1e3 / queries.size();
      }
    }
    Arrays.sort(rounds);
    int[][] answers =
        found.subList(0, truth.length).stream().map(PeerData::ids).toArray(int[][]::new);
    return new Measurement(
        name + ", batch of " + queries.size(),
        build,
        rounds[ROUNDS / 2],
        rounds[0],
        Measurement.recall(answers, truth));
  }

  /** One line a target, up to the first that only the exact search reaches. */
  private static List<Measurement> approximate(
      double build, SigmoidTreeIndex index, List<Embedding> queries, int k, int[][] truth) {
    List<Measurement> lines = new ArrayList<>();
    for (double target : TARGETS) {
      Search request = Search.nearest(k).recall(target);
      String name = "facesearch approximate, recall " + target;
      if (index.search(queries.get(0), request).plan() != SearchPlan.APPROXIMATE) {
        System.out.printf(
            Locale.ROOT, "%s: the index searches exactly, which was measured%n", name);
        break;
      }
      lines.add(
          Measurement.of(
              name,
              build,
              ROUNDS,
              q -> index.search(queries.get(q), request),
              PeerData::ids,
              truth));
    }
    return lines;
  }

  private static List<Measurement> peer(String command) throws IOException, InterruptedException {
    List<String> words = List.of(command.strip().split(" +", -1));
    Process process =
        new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<Measurement> lines = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        lines.add(Measurement.parse(text));
      }
    } finally {
      process.destroy();
    }
    if (process.waitFor() != 0) {
      throw new IOException(command + " ended with " + process.exitValue());
    }
    return lines;
  }
}
