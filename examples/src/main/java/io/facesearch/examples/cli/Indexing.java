package io.facesearch.examples.cli;

import io.facesearch.FaceSearch;
import io.facesearch.IndexingListener;
import io.facesearch.IndexingReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Indexes a folder with a progress bar and prints what was done. */
final class Indexing {
  /** Broken files and photos without a face that are listed one by one. */
  private static final int LISTED = 20;

  private Indexing() {}

  static IndexingReport run(
      FaceSearch faces, Path folder, PrintWriter out, IndexingListener listener)
      throws IOException {
    IndexingReport report;
    try (ProgressBar bar = bar("Indexing", " photos")) {
      report =
          faces.addAll(
              folder,
              progress -> {
                bar.maxHint(progress.filesTotal());
                bar.stepTo(progress.filesDone());
                bar.setExtraMessage(" " + progress.faces() + " faces");
                return listener.onProgress(progress);
              });
    }
    out.printf(
        Locale.ROOT,
        "files %d, images %d, faces %d, without a face %d, broken %d, indexed before %d; %.1f s%s%n",
        report.files(),
        report.images(),
        report.faces(),
        report.noFace().size(),
        report.broken().size(),
        report.alreadyIndexed(),
        report.elapsed().toMillis() / 1000.0,
        report.cancelled() ? " (stopped)" : "");
    report.noFace().stream().limit(LISTED).forEach(file -> out.println("  no face: " + file));
    report.broken().stream()
        .limit(LISTED)
        .forEach(file -> out.println("  broken: " + file.reason()));
    int more =
        Math.max(0, report.noFace().size() - LISTED) + Math.max(0, report.broken().size() - LISTED);
    if (more > 0) {
      out.println("  ... and " + more + " more");
    }
    out.flush();
    return report;
  }

  /** A bar on a terminal; elsewhere a line now and then. */
  static ProgressBar bar(String task, String unit) {
    ProgressBarBuilder builder =
        new ProgressBarBuilder().setTaskName(task).setUnit(unit, 1).setInitialMax(-1).showSpeed();
    if (System.console() == null) {
      builder
          .setStyle(ProgressBarStyle.UNICODE_BLOCK) // without colours
          .setUpdateIntervalMillis(10_000)
          .setConsumer(new DelegatingProgressBarConsumer(System.err::println, 100));
    }
    return builder.build();
  }
}
