package com.example.spark;

import com.sun.management.OperatingSystemMXBean;
import io.facesearch.Gallery;
import io.facesearch.PhotoSource;
import io.facesearch.index.FlatIndex;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;

/**
 * What Spark costs: the same photos and cores with it and without, by turns, in processor time and
 * in time. {@code SparkSpeed cluster|THREADS WARM_UP PHOTOS...}: folders, the first of which is not
 * counted. With {@code cluster} a master and two workers of one core each are processes of their
 * own, against two threads of this one; it needs the jar ({@code -Dapplication}) and {@code
 * -Dspark.java}.
 */
public final class SparkSpeed {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private SparkSpeed() {}

  public static void main(String[] args) throws Exception {
    if (!args[0].equals("cluster")) {
      int threads = Integer.parseInt(args[0]);
      compare(SparkSession.builder().master("local[" + threads + "]"), threads, args);
      return;
    }
    try (Cluster cluster = new Cluster(Files.createTempDirectory("cluster"))) {
      compare(
          SparkSession.builder()
              .master(cluster.master())
              .config("spark.jars", System.getProperty("application"))
              .config("spark.executor.memory", "900m"),
          2,
          args);
    }
  }

  private static void compare(SparkSession.Builder builder, int threads, String[] args)
      throws Exception {
    try (SparkSession spark = builder.getOrCreate()) {
      spark.sparkContext().setLogLevel("WARN");
      double ratios = 0;
      for (int turn = 1; turn < args.length; turn++) {
        Path photos = Path.of(args[turn]);
        Rate alone = measure("alone", () -> alone(photos, threads));
        Rate with = measure("Spark", () -> withSpark(spark, photos));
        System.out.printf(
            Locale.ROOT,
            "Spark / alone: %.3f of processor time, %.3f of time%n",
            with.ofProcessor / alone.ofProcessor,
            with.ofTime / alone.ofTime);
        ratios += turn == 1 ? 0 : with.ofProcessor / alone.ofProcessor;
      }
      System.out.printf(Locale.ROOT, "mean: %.3f%n", ratios / (args.length - 2));
    }
  }

  /** Photos a second. */
  private record Rate(double ofProcessor, double ofTime) {}

  private interface Run {
    long photos() throws Exception;
  }

  private static Rate measure(String what, Run run) throws Exception {
    long time = System.nanoTime();
    double cpu = processorSeconds();
    long photos = run.photos();
    double cpuSeconds = processorSeconds() - cpu;
    double seconds = (System.nanoTime() - time) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%s: %d photos, %.1f a second of processor time, %.1f a second, load %.1f%n",
        what,
        photos,
        photos / cpuSeconds,
        photos / seconds,
        SYSTEM.getSystemLoadAverage());
    return new Rate(photos / cpuSeconds, photos / seconds);
  }

  /** Of all threads of this process and of those that it started. */
  private static double processorSeconds() {
    double seconds = SYSTEM.getProcessCpuTime() / 1e9;
    for (ProcessHandle child : ProcessHandle.current().descendants().toList()) {
      seconds += child.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
    }
    return seconds;
  }

  private static long alone(Path photos, int threads) throws Exception {
    try (Gallery gallery =
        Gallery.builder().index(new FlatIndex()).analyzer(Model.get()).threads(threads).open()) {
      return gallery.addAll(PhotoSource.folder(photos)).files();
    }
  }

  private static long withSpark(SparkSession spark, Path photos) throws Exception {
    String rows = Files.createTempDirectory("rows").resolve("rows").toString();
    return new EmbedPhotos(spark).run(rows, List.of(photos.toString())).photos();
  }
}
