package io.facesearch.cli;

import io.facesearch.Gallery;
import io.facesearch.IndexingListener;
import io.facesearch.IndexingReport;
import io.facesearch.IndexingReport.NamedBy;
import io.facesearch.PhotoSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Indexes a folder with progress and prints what was done. */
final class Indexing {
  /** Of each kind, so many are listed one by one. */
  static final int LISTED = 20;

  private Indexing() {}

  static IndexingReport run(
      Gallery gallery, PhotoSource photos, Output out, IndexingListener listener)
      throws IOException {
    IndexingReport report;
    try (Progress bar = out.progress("Indexing", "photos")) {
      report =
          gallery.addAll(
              photos,
              progress -> {
                bar.report(
                    progress.done(), progress.total().orElse(-1), progress.faces() + " faces");
                return listener.onProgress(progress);
              });
    }
    print(report, out.text());
    out.text().flush();
    report
        .broken()
        .forEach(
            file ->
                out.json(
                    "problem", "photo", file.photo(), "kind", "broken", "message", file.reason()));
    report
        .noFace()
        .forEach(
            photo ->
                out.json("problem", "photo", photo, "kind", "no-face", "message", "no face found"));
    report
        .ignoredNames()
        .forEach(
            photo ->
                out.json(
                    "problem",
                    Output.object(
                        "photo", photo.photo(),
                        "kind", "ignored-names",
                        "message", photo.reason())));
    return report;
  }

  /** What a run did, for programs. */
  static void json(IndexingReport report, int size, int removed, Output out) {
    out.json(
        "indexed",
        Output.object(
            "files", report.files(),
            "images", report.images(),
            "faces", report.faces(),
            "noFace", report.noFace().size(),
            "broken", report.broken().size(),
            "known", report.alreadyIndexed(),
            "replaced", report.replaced(),
            "renamed", report.renamed(),
            "gone", report.gone(),
            "outdated", report.outdated(),
            "namedByPhotos", report.namedByPhotos(),
            "ignoredNames", report.ignoredNames().size(),
            "removedFaces", removed,
            "galleryFaces", size,
            "stopped", report.cancelled(),
            "seconds", report.elapsed().toMillis() / 1000.0));
  }

  private static void print(IndexingReport report, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "files %d, images %d, faces %d, without a face %d, broken %d, indexed before %d; %.1f"
            + " s%s%n",
        report.files(),
        report.images(),
        report.faces(),
        report.noFace().size(),
        report.broken().size(),
        report.alreadyIndexed(),
        report.elapsed().toMillis() / 1000.0,
        report.cancelled() ? " (stopped)" : "");
    count(out, report.replaced(), "photo", "replaced, with all faces");
    count(out, report.renamed(), "photo", "renamed, with the faces kept");
    count(
        out,
        report.gone(),
        "photo",
        "gone, but still with faces in the gallery; --prune removes them");
    count(
        out,
        report.outdated(),
        "photo",
        "replaced by a broken file, but still with the old faces; --prune removes them");
    count(out, report.notPhotos(), "file", "no photo by its name");
    count(out, report.foreign(), "hidden file", "not looked at, nor are those of other software");
    count(
        out,
        report.backslashes(),
        "photo",
        "a backslash in the name, from which no person is taken: an archive made on"
            + " Windows was unpacked without its folders; unpack it with a program that makes them"
            + " (bsdtar -xf, or 7z x), and index that folder instead");
    count(out, report.links(), "symbolic link", "not followed");
    list(out, report.broken(), file -> "broken: " + file.reason());
    list(
        out,
        report.crowded().stream().filter(photo -> photo.namedBy() != NamedBy.SIZE).toList(),
        photo ->
            (photo.namedBy() == NamedBy.NOTHING ? "nobody named " : "found ")
                + photo.person()
                + " among "
                + photo.faces()
                + " faces: "
                + photo.photo());
    count(
        out,
        (int) report.crowded().stream().filter(p -> p.namedBy() == NamedBy.SIZE).count(),
        "photo",
        "several faces, of which the clearly largest got the name");
    count(out, report.namedByPhotos(), "face", "named as the photo says");
    list(
        out,
        report.ignoredNames(),
        file -> "names ignored: " + file.photo() + ": " + file.reason());
    list(out, report.noFace(), file -> "no face: " + file);
  }

  private static void count(PrintWriter out, int count, String things, String what) {
    if (count > 0) {
      out.println("  " + Output.counted(count, things) + ": " + what);
    }
  }

  /** Each kind has lines of its own, so that none is cut off for another. */
  static <T> void list(PrintWriter out, List<T> things, Function<T, String> text) {
    things.stream().limit(LISTED).forEach(thing -> out.println("  " + text.apply(thing)));
    if (things.size() > LISTED) {
      out.println("  ... and " + (things.size() - LISTED) + " more");
    }
  }
}
