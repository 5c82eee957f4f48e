package io.facesearch.cli;

import io.facesearch.FaceSearchException;
import io.facesearch.Gallery;
import io.facesearch.GalleryBuilder;
import io.facesearch.Grouping;
import io.facesearch.ModelCard;
import io.facesearch.Reembedding;
import io.facesearch.ReembeddingReport;
import io.facesearch.ReembeddingReport.Missing;
import io.facesearch.ReembeddingReport.Why;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "reembed",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a store with another model of the faces of a store.",
      "Reads their photos again, finds each face where it was, and keeps its id, person and tags."
          + " The",
      "old store is not changed, and is free for others as soon as its faces are read. Faces that"
          + " the",
      "new store has are left out, so a stopped run can be repeated. Of an index file, make a store"
          + " with",
      "'import' first."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch reembed --new-gallery faces-float --model sface-float",
      "  facesearch reembed --gallery faces --new-gallery mine --model mine.onnx --json"
    })
final class ReembedCommand implements Callable<Integer> {
  @Mixin private GalleryOption where;

  @Option(
      names = "--new-gallery",
      paramLabel = "STORE",
      required = true,
      description = "The folder of the new store; it gets the same key.")
  private Path target;

  @Option(
      names = "--allow-missing",
      description = "End with status 0 also where faces could not be brought over.")
  private boolean allowMissing;

  @Option(
      names = "--regroup",
      description =
          "Group faces without a name anew by the new model, instead of keeping the groups of the old store with what was merged and split by hand.")
  private boolean regroup;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Photos worked on at once (default: number of cores).")
  private @Nullable Integer threads;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Output out = Output.of(spec);
    if (threads != null) {
      FaceSearchCommand.inRange(spec, "--threads", threads, 1, IndexCommand.MOST_THREADS);
    }
    requireTwoPlaces();
    Reembedding old;
    Optional<String> oldModel;
    Optional<Grouping> people;
    try (Gallery store = where.openToKeep()) {
      old = Reembedding.of(store.storage());
      oldModel = store.storage().model();
      people = regroup ? Optional.empty() : store.storage().grouping();
    }
    if (old.faces().isEmpty()) {
      throw new FaceSearchException(
          where.path() + " has no faces; make a store with the other model by 'index'");
    }
    AtomicBoolean stop = new AtomicBoolean();
    StopSignal.onStop(() -> stop.set(true));
    ReembeddingReport report;
    boolean whole;
    GalleryBuilder builder = Gallery.builder();
    if (threads != null) {
      builder.threads(threads);
    }
    try (StoreToFill made = where.fill(target, model, builder)) {
      Gallery gallery = made.gallery();
      GalleryOption.printLeft(gallery.swept(), out);
      ModelCard card = gallery.analyzer().model();
      if (oldModel.equals(Optional.of(card.fingerprint()))) {
        throw new FaceSearchException(
            where.path()
                + " was made with this model already: "
                + card.name()
                + "; name another one with --model");
      }
      report = run(gallery, old, stop, out);
      people.ifPresent(gallery.storage()::takeGrouping);
      print(report, gallery, card.name(), people.isPresent(), out.text());
      out.json(
          "reembedded",
          Output.object(
              "photos", report.photos(),
              "faces", report.faces(),
              "known", report.alreadyDone(),
              "missing", report.missing().size(),
              "updated", report.updated(),
              "others", report.others(),
              "galleryFaces", gallery.size(),
              "stopped", report.cancelled()));
      whole = !report.cancelled() && (report.missing().isEmpty() || allowMissing);
      if (whole) {
        made.done();
      }
    }
    if (report.cancelled()) {
      return FaceSearchCommand.STOPPED;
    }
    return whole ? 0 : 1;
  }

  private void requireTwoPlaces() throws IOException {
    if (real(target).startsWith(real(where.files().path()))) {
      throw new ParameterException(
          spec.commandLine(),
          "--new-gallery must be another folder than that of --gallery, and not in it, but is: "
              + target);
    }
  }

  /** Links followed, as far as there is something. */
  private static Path real(Path path) throws IOException {
    Path whole = path.toAbsolutePath();
    Path parent = whole.getParent();
    if (Files.exists(whole)) {
      return whole.toRealPath();
    }
    return parent != null && Files.exists(parent)
        ? parent.toRealPath().resolve(whole.getFileName()).normalize()
        : whole.normalize();
  }

  private static ReembeddingReport run(
      Gallery gallery, Reembedding old, AtomicBoolean stop, Output out) {
    try (Progress bar = out.progress("Embedding", "photos")) {
      return gallery.reembed(
          old,
          progress -> {
            bar.report(progress.done(), progress.total().orElse(-1), progress.faces() + " faces");
            return !stop.get();
          });
    }
  }

  private void print(
      ReembeddingReport report, Gallery gallery, String name, boolean grouped, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "photos %d, faces %d by %s, there already %d, missing %d; %.1f s%s%n",
        report.photos(),
        report.faces(),
        name,
        report.alreadyDone(),
        report.missing().size(),
        report.elapsed().toMillis() / 1000.0,
        report.cancelled() ? " (stopped; repeat it to go on)" : "");
    missing(report, Why.NO_PHOTO, "the photo is gone, or its folder is not there", out);
    missing(report, Why.CHANGED, "the photo is another than it was", out);
    missing(report, Why.BROKEN, "the photo cannot be read", out);
    missing(report, Why.NOT_FOUND, "the face is not found again", out);
    if (report.missing(Why.NO_PHOTO) + report.missing(Why.CHANGED) > 0) {
      out.println(
          "  photos that were moved, renamed or replaced: 'index' their folder into "
              + where.path()
              + ", then repeat this");
    }
    if (report.updated() > 0) {
      out.println("  " + report.updated() + " faces were called otherwise since, and now are here");
    }
    if (report.others() > 0) {
      out.println(
          "  "
              + report.others()
              + " faces are in "
              + target
              + " alone; if they were forgotten or removed in "
              + where.path()
              + " since, do so in "
              + target
              + " too, or start over");
    }
    out.println(gallery.size() + " faces in " + target);
    if (!report.cancelled()) {
      out.println(
          "people       names are kept; "
              + (grouped
                  ? "so are groups, with what was merged and split by hand (--regroup makes them"
                      + " anew)"
                  : "faces without a name are grouped by the new model"));
      if (Files.exists(where.files().threshold())) {
        out.println(
            "threshold    that of "
                + where.path()
                + " belongs to its model and is not taken over; calibrate again with 'evaluate"
                + " calibrate --photos FOLDER --save "
                + new GalleryFiles(target).threshold()
                + "'");
      }
      out.println(
          "to switch, end what uses "
              + where.path()
              + ", repeat this if it was changed meanwhile, and rename the folders: "
              + where.path()
              + " to another name, "
              + target
              + " to "
              + where.path()
              + ". Whom you forget in the new store is still in the old one, so delete that when"
              + " all is in order");
    }
    out.flush();
  }

  private static void missing(ReembeddingReport report, Why why, String words, PrintWriter out) {
    List<Missing> some = report.missing().stream().filter(face -> face.why() == why).toList();
    if (!some.isEmpty()) {
      out.println("  " + some.size() + " faces are missing: " + words);
      Indexing.list(
          out,
          some,
          one -> "missing: " + one.face().id() + one.detail().map(d -> ": " + d).orElse(""));
    }
  }
}
