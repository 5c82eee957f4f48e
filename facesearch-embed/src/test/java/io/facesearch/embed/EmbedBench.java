package io.facesearch.embed;

import io.facesearch.FaceImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Prints milliseconds per chip for batches and threads. Not a test: run its main by hand. */
final class EmbedBench {
  private EmbedBench() {}

  /** Arguments: rounds of 64 chips per setting, then pairs of threads:batch. */
  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    String[] settings =
        args.length > 1
            ? Arrays.copyOfRange(args, 1, args.length)
            : new String[] {"1:1", "1:4", "1:8", "2:1", "2:4", "2:8"};
    List<FaceImage> chips = TestChips.chips(64);
    for (String setting : settings) {
      String[] parts = setting.split(":", -1);
      int threads = Integer.parseInt(parts[0]);
      int batch = Integer.parseInt(parts[1]);
      try (DefaultFaceEmbedder embedder =
          DefaultFaceEmbedder.builder().threads(threads).batchSize(batch).build()) {
        double best = Double.MAX_VALUE;
        double[] all = new double[rounds];
        embedder.embed(chips);
        long cpu = cpuMillis();
        for (int r = 0; r < rounds; r++) {
          long start = System.nanoTime();
          embedder.embed(chips);
          all[r] = (System.nanoTime() - start) / 1e6 / chips.size();
          best = Math.min(best, all[r]);
        }
        double cpuEach = (double) (cpuMillis() - cpu) / rounds / chips.size();
        Arrays.sort(all);
        System.out.printf(
            Locale.ROOT,
            "%d threads, batch %d: %.2f ms/chip (median; best %.2f; of CPU %.2f), resident %s%n",
            threads,
            batch,
            all[rounds / 2],
            best,
            cpuEach,
            resident());
      }
    }
  }

  private static long cpuMillis() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toMillis();
  }

  private static String resident() throws Exception {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return "?";
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .findFirst()
        .orElse("?")
        .replaceAll("\\s+", " ");
  }
}
