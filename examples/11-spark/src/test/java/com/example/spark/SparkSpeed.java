package com.example.spark;

import com.sun.management.OperatingSystemMXBean;
import io.facesearch.Gallery;
import io.facesearch.PhotoSource;
import io.facesearch.index.FlatIndex;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;

/**
 * What Spark costs: the same photos, threads and JVM with it and without, by turns, in processor
 * time (all threads of the JVM) and in time. {@code SparkSpeed THREADS WARM_UP PHOTOS...}: folders,
 * the first of which is not counted.
 */
public final class SparkSpeed {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private SparkSpeed() {}

  public static void main(String[] args) throws Exception {
    int threads = Integer.parseInt(args[0]);
    try (SparkSession spark =
        SparkSession.builder().master("local[" + threads + "]").getOrCreate()) {
      spark.sparkContext().setLogLevel("WARN");
      double ratios = 0;
      for (int turn = 1; turn < args.length; turn++) {
        Path photos = Path.of(args[turn]);
        double alone = measure("alone", () -> alone(photos, threads));
        double with = measure("Spark", () -> withSpark(spark, photos));
        System.out.printf(Locale.ROOT, "Spark / alone: %.3f%n", with / alone);
        ratios += turn == 1 ? 0 : with / alone;
      }
      System.out.printf(Locale.ROOT, "mean: %.3f%n", ratios / (args.length - 2));
    }
  }

  private interface Run {
    long photos() throws Exception;
  }

  /** Photos a second of processor time. */
  private static double measure(String what, Run run) throws Exception {
    long time = System.nanoTime();
    long cpu = SYSTEM.getProcessCpuTime();
    long photos = run.photos();
    double cpuSeconds = (SYSTEM.getProcessCpuTime() - cpu) / 1e9;
    double seconds = (System.nanoTime() - time) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%s: %d photos, %.1f a second of processor time, %.1f a second, load %.1f%n",
        what,
        photos,
        photos / cpuSeconds,
        photos / seconds,
        SYSTEM.getSystemLoadAverage());
    return photos / cpuSeconds;
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
