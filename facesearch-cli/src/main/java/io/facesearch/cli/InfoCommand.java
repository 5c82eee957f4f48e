package io.facesearch.cli;

import io.facesearch.DecisionThreshold;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceIndex;
import io.facesearch.ModelCard;
import io.facesearch.store.FaceStore;
import io.facesearch.store.StoreReport;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "info",
    mixinStandardHelpOptions = true,
    description =
        "Prints the model with its license, the platform, and what a gallery holds; a store is checked.")
final class InfoCommand implements Callable<Integer> {
  @Mixin private GalleryOption where;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    boolean named = spec.commandLine().getParseResult().hasMatchedOption("--gallery");
    // All that may fail, before the first line.
    try (FaceIndex index = where.files().exists() || named ? where.open() : null;
        FaceEmbedder embedder = index == null ? model.open() : model.open(index.model())) {
      StoreReport report = index instanceof FaceStore store ? store.verify() : null;
      ModelCard card = embedder.card();
      out.println("model        " + card.name());
      out.println("dimension    " + card.dimension());
      out.println("input        " + card.input());
      out.println("license      " + card.license());
      out.println("fingerprint  " + card.fingerprint());
      out.println("threshold    " + threshold(card.threshold()));
      out.printf(
          Locale.ROOT,
          "platform     %s %s, Java %s, %d cores, heap at most %d MiB%n",
          System.getProperty("os.name"),
          System.getProperty("os.arch"),
          System.getProperty("java.version"),
          Runtime.getRuntime().availableProcessors(),
          Runtime.getRuntime().maxMemory() >> 20);
      if (index != null) {
        describe(index, report, card, out);
      }
      out.flush();
    }
    return 0;
  }

  /** A threshold in words. */
  static String threshold(DecisionThreshold threshold) {
    return threshold.falseAcceptRate() == 1
        ? "not calibrated"
        : String.format(
            Locale.ROOT,
            "%.3g (false accept rate %.2g; calibrated on %s)",
            threshold.distance(),
            threshold.falseAcceptRate(),
            threshold.calibratedOn());
  }

  private void describe(
      FaceIndex index, @Nullable StoreReport report, ModelCard card, PrintWriter out) {
    out.println("gallery      " + where.path());
    out.println("faces        " + index.size());
    out.println(
        "people       "
            + index.faces().stream().flatMap(f -> f.face().person().stream()).distinct().count());
    out.println("made with    " + index.model().orElse("(empty)"));
    if (index.model().filter(model -> !model.equals(card.fingerprint())).isPresent()) {
      out.println("             another model than that above: name it with --model");
    }
    if (report != null) {
      out.printf(
          Locale.ROOT,
          "store        in order, %.1f MB, %s%n",
          report.bytes() / 1e6,
          report.encrypted() ? "encrypted" : "not encrypted");
    }
  }
}
