package io.facesearch.benchmarks;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.Metric;
import io.facesearch.Search;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * How the speed of exact searches differs between fresh JVMs, some of which used other indexes
 * before: what a JIT compiler learns there must not slow down what comes later. The arguments: the
 * folder of the statistics and the kind, see {@link FaceVectors}, the number of vectors, and of
 * JVMs without and with {@value #USED_BEFORE} other indexes. The JVMs get the options of this one.
 *
 * <p>It is a guard, too: C2 compiles the loops over codes to vector instructions, and if it stops
 * to do so, they take 10 times as long. If a search takes more than 1/{@value #LEAST_RATIO} of the
 * flat scan of the same JVM, it fails with exit code 1.
 */
public final class FreshJvms {
  private static final int USED_BEFORE = 6;
  private static final int LEAST_RATIO = 6;
  private static final int QUERIES = 200;
  private static final int WARM_UP = 15;
  private static final int ROUNDS = 15;
  private static final int K = 10;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private FreshJvms() {}

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws IOException if the statistics cannot be read, or no JVM be started
   * @throws InterruptedException if it was interrupted
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args[0].equals("one")) {
      one(Path.of(args[1]), args[2], Integer.parseInt(args[3]), Boolean.parseBoolean(args[4]));
      return;
    }
    boolean isSlow = false;
    for (boolean usesOthers : new boolean[] {false, true}) {
      int count = Integer.parseInt(args[usesOthers ? 4 : 3]);
      double[][] times = new double[3][count];
      String kernel = "none";
      for (int i = 0; i < count; i++) {
        String[] fields = start(args, usesOthers).split(" ", -1);
        kernel = fields[0];
        for (int j = 0; j < times.length; j++) {
          times[j][i] = Double.parseDouble(fields[j + 1]);
        }
        if (times[2][i] < LEAST_RATIO * times[0][i]) {
          isSlow = true;
          System.out.printf(
              Locale.ROOT,
              "a search took %.1f us and the flat scan %.1f: is a loop no longer vectorized?%n",
              times[0][i],
              times[2][i]);
        }
      }
      String name =
          "%d JVMs, kernel %s, %s other indexes before"
              .formatted(count, kernel, usesOthers ? "with" : "without");
      tell(name + ": one at a time", times[0]);
      tell(name + ": in a batch", times[1]);
      tell(name + ": flat scan", times[2]);
    }
    if (isSlow) {
      System.exit(1);
    }
  }

  private static void tell(String name, double[] times) {
    if (times.length == 0) {
      return;
    }
    Arrays.sort(times);
    double median = times[times.length / 2];
    double worst = times[times.length - 1];
    System.out.printf(
        Locale.ROOT,
        "%s: median %.1f us, least %.1f, worst %.1f (%.2f of the median); all %s%n",
        name,
        median,
        times[0],
        worst,
        worst / median,
        Arrays.toString(Arrays.stream(times).mapToLong(Math::round).toArray()));
  }

  /** One JVM; its last line. */
  private static String start(String[] args, boolean usesOthers)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(
        List.of(FreshJvms.class.getName(), "one", args[0], args[1], args[2], "" + usesOthers));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String last = null;
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        last = line;
      }
    }
    if (process.waitFor() != 0 || last == null) {
      throw new IOException(
          "a JVM ended with exit code " + process.exitValue() + ": " + String.join(" ", command));
    }
    return last;
  }

  private static void one(Path statistics, String kind, int count, boolean usesOthers)
      throws IOException {
    if (usesOthers) {
      useOthers();
    }
    FaceVectors vectors = FaceVectors.make(statistics, kind, count, QUERIES, 1);
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().approximate(false).build();
    FlatIndex flat = new FlatIndex();
    List<EmbeddedFace> faces = faces(vectors.gallery());
    index.addAll(faces);
    flat.addAll(faces);
    List<Embedding> queries =
        faces(vectors.queries()).stream().map(EmbeddedFace::embedding).toList();
    double[] single = new double[ROUNDS];
    double[] batch = new double[ROUNDS];
    double[] scan = new double[ROUNDS];
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      long start = THREADS.getCurrentThreadCpuTime();
      queries.forEach(query -> index.search(query, K));
      long middle = THREADS.getCurrentThreadCpuTime();
      index.searchAll(queries, Search.nearest(K));
      long end = THREADS.getCurrentThreadCpuTime();
      flat.search(queries.get(round + WARM_UP), K);
      if (round >= 0) {
        single[round] = (middle - start) / 1e3 / QUERIES;
        batch[round] = (end - middle) / 1e3 / QUERIES;
        scan[round] = (THREADS.getCurrentThreadCpuTime() - end) / 1e3;
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%s %.1f %.1f %.1f%n",
        index.stats().kernel(),
        median(single),
        median(batch),
        median(scan));
  }

  private static double median(double[] times) {
    Arrays.sort(times);
    return times[times.length / 2];
  }

  /** Flat scans and trees of other dimensions, codes and metrics. */
  private static void useOthers() {
    Random random = new Random(7);
    int[] dimensions = {8, 64, 128, 128, 192, 512};
    for (int i = 0; i < USED_BEFORE; i++) {
      Metric metric = i % 2 == 0 ? Metric.EUCLIDEAN : Metric.COSINE;
      float[][] rows = new float[6000][dimensions[i]];
      for (float[] row : rows) {
        float factor = 1;
        for (int j = 0; j < row.length; j++) {
          row[j] = factor * (float) random.nextGaussian();
          factor *= i == 3 ? 0.9f : 1; // few directions hold most of the variance
        }
      }
      List<EmbeddedFace> faces = faces(rows);
      FaceIndex flat = new FlatIndex(metric);
      SigmoidTreeIndex tree = SigmoidTreeIndex.builder().metric(metric).build();
      flat.addAll(faces);
      tree.addAll(faces);
      List<Embedding> queries = faces.stream().limit(200).map(EmbeddedFace::embedding).toList();
      for (int round = 0; round < 5; round++) {
        queries.forEach(query -> tree.search(query, 5 + K));
        tree.searchAll(queries, Search.nearest(K));
        tree.search(queries.get(round), Search.within(0.1));
        flat.search(queries.get(round), K);
      }
    }
  }

  private static List<EmbeddedFace> faces(float[][] rows) {
    List<EmbeddedFace> faces = new ArrayList<>(rows.length);
    for (float[] row : rows) {
      faces.add(
          new EmbeddedFace(
              FaceRecord.of(Integer.toString(faces.size())), Embedding.of("fresh", row)));
    }
    return faces;
  }
}
