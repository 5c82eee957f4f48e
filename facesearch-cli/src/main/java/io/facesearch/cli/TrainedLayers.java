package io.facesearch.cli;

import io.facesearch.train.TrainingRun;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which layers learn, and the cache of what the others make. */
final class TrainedLayers {
  @Option(
      names = "--layers",
      paramLabel = "N",
      defaultValue = "10",
      description = "Of the backbone that learn, from its end (default: ${DEFAULT-VALUE}).")
  private int layers;

  @Option(
      names = "--trunk-cache",
      paramLabel = "FILE",
      description = "Run the frozen layers once and keep their outputs there.")
  private @Nullable Path cache;

  @Option(
      names = "--views",
      paramLabel = "N",
      defaultValue = "1",
      description = "With --trunk-cache: the image as it is, and N - 1 augmented ones.")
  private int views;

  TrainingRun.Builder configure(TrainingRun.Builder run, PrintWriter console) {
    run.trainedLayers(layers);
    if (cache != null) {
      run.trunkCache(cache, views);
      console.printf(Locale.ROOT, "trunk cache: %d MB%n", run.trunkCacheBytes() >> 20);
      console.flush();
    }
    return run;
  }
}
