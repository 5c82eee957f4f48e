package io.facesearch.cli;

import io.facesearch.FaceEmbedder;
import io.facesearch.Gallery;
import io.facesearch.ModelCard;
import io.facesearch.store.FaceStore;
import io.facesearch.store.StoreReport;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
        "Prints the model with its license, the platform, and what a gallery holds; a store is"
            + " checked.",
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {"  facesearch info", "  facesearch info --gallery faces --key-file key --json"})
final class InfoCommand implements Callable<Integer> {
  @Mixin private GalleryOption where;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Output output = Output.of(spec);
    PrintWriter out = output.text();
    boolean named = spec.commandLine().getParseResult().hasMatchedOption("--gallery");
    // All that may fail, before the first line.
    try (Gallery gallery = named || where.files().exists() ? where.openToRead() : null;
        FaceEmbedder embedder =
            gallery == null ? model.open() : model.open(gallery.storage().model().orElse(null))) {
      StoreReport report =
          gallery != null && gallery.storage() instanceof FaceStore store ? store.verify() : null;
      ModelCard card = embedder.card();
      out.println("model        " + card.name());
      out.println("dimension    " + card.dimension());
      out.println("input        " + card.input());
      out.println("license      " + card.license());
      out.println("fingerprint  " + card.fingerprint());
      out.println("threshold    " + Thresholds.words(card.threshold()));
      out.printf(
          Locale.ROOT,
          "platform     %s %s, Java %s, %d cores, heap at most %d MiB%n",
          System.getProperty("os.name"),
          System.getProperty("os.arch"),
          System.getProperty("java.version"),
          Runtime.getRuntime().availableProcessors(),
          Runtime.getRuntime().maxMemory() >> 20);
      if (gallery != null) {
        describe(gallery, report, card, out);
      }
      out.flush();
      output.json(
          "info",
          Output.object(
              "model", card.name(),
              "dimension", card.dimension(),
              "license", card.license(),
              "fingerprint", card.fingerprint(),
              "threshold", Thresholds.json(card.threshold()),
              "gallery", gallery == null ? null : json(gallery, report)));
    }
    return 0;
  }

  private Map<String, @Nullable Object> json(Gallery gallery, @Nullable StoreReport report) {
    return Output.object(
        "path", where.path(),
        "faces", gallery.size(),
        "people", gallery.names().size(),
        "fingerprint", gallery.storage().model(),
        "bytes", report == null ? null : report.bytes(),
        "encrypted", report == null ? null : report.encrypted());
  }

  private void describe(
      Gallery gallery, @Nullable StoreReport report, ModelCard card, PrintWriter out) {
    out.println("gallery      " + where.path());
    out.println("faces        " + gallery.size());
    out.println("people       " + gallery.names().size());
    Optional<String> made = gallery.storage().model();
    out.println("made with    " + made.orElse("(empty)"));
    if (made.filter(fingerprint -> !fingerprint.equals(card.fingerprint())).isPresent()) {
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
