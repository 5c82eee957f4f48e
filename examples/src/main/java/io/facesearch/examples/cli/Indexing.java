package io.facesearch.examples.cli;

import io.facesearch.FaceSearch;
import io.facesearch.IndexingListener;
import io.facesearch.IndexingReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** Indexes a folder with a progress bar and prints what was done. */
final class Indexing {
  /** Broken files and photos without a face that are listed one by one. */
  private static final int LISTED = 20;

  private Indexing() {}

  static IndexingReport run(
      FaceSearch faces, Path folder, PrintWriter out, IndexingListener listener)
      throws IOException {
    IndexingReport report;
    try (ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName("Indexing")
            .setUnit(" photos", 1)
            .setInitialMax(-1)
            .showSpeed()
            .build()) {
      report =
          faces.addAll(
              folder,
              progress -> {
                bar.maxHint(progress.filesTotal());
                bar.stepTo(progress.filesDone());
                bar.setExtraMessage(progress.faces() + " faces");
                return listener.onProgress(progress);
              });
    }
    double seconds = report.elapsed().toMillis() / 1000.0;
    out.printf(
        "%d files: %d images with %d faces, %d without a face, %d broken, %d indexed before;"
            + " %.1f s%s%n",
        report.files(),
        report.images(),
        report.faces(),
        report.noFace().size(),
        report.broken().size(),
        report.alreadyIndexed(),
        seconds,
        report.cancelled() ? " (stopped)" : "");
    report.noFace().stream().limit(LISTED).forEach(file -> out.println("  no face: " + file));
    report.broken().stream()
        .limit(LISTED)
        .forEach(file -> out.println("  broken: " + file.file() + ": " + file.reason()));
    int more =
        Math.max(0, report.noFace().size() - LISTED) + Math.max(0, report.broken().size() - LISTED);
    if (more > 0) {
      out.println("  ... and " + more + " more");
    }
    out.flush();
    return report;
  }
}
