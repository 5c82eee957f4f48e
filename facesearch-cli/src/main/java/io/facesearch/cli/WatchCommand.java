package io.facesearch.cli;

import io.facesearch.FaceAnalyzer;
import io.facesearch.FolderSource;
import io.facesearch.Gallery;
import io.facesearch.IndexLockedException;
import io.facesearch.IndexingReport;
import io.facesearch.PhotoRoot;
import io.facesearch.PhotoSource;
import io.facesearch.Pruning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "watch",
    mixinStandardHelpOptions = true,
    description = {
      "Keeps a store up to date with a folder until it is stopped.",
      "Photos that come are added, those that are replaced are taken anew, those that are renamed"
          + " or",
      "moved keep their faces, and the faces of those that are deleted are removed. Where the"
          + " folder or",
      "most of its photos are gone at once, as on a disk that is not mounted, nothing is removed."
          + " The",
      "store is open only while there is work, so that other commands can use it."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch watch photos",
      "  facesearch watch /mnt/camera --keep --gallery faces --json"
    })
final class WatchCommand implements Callable<Integer> {
  /** How long a folder that is gone, or a store that another has, is left alone. */
  private static final String IN_USE =
      "the store is in use by another command; this goes on when it is free";

  private static final Duration RETRY = Duration.ofSeconds(5);

  @Parameters(paramLabel = "FOLDER", description = "Photos; a subfolder's name is the person.")
  private Path folder;

  @Option(names = "--keep", description = "Do not remove the faces of photos that are deleted.")
  private boolean keep;

  @Option(
      names = "--names-from-photos",
      description =
          "Take the names that photos themselves give their faces, as digiKam and Lightroom write them (regions in the XMP data of JPEG files).")
  private boolean namesFromPhotos;

  @Option(
      names = "--quiet-time",
      paramLabel = "SECONDS",
      defaultValue = "2",
      description =
          "How long nothing must change before the changes are taken (default: ${DEFAULT-VALUE}).")
  private int quietTime;

  @Mixin private FolderPeople people;

  @Mixin private GalleryOption where;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  private final AtomicBoolean stop = new AtomicBoolean();

  /** What was said last of why nothing is done, so that it is said once. */
  private String said = "";

  @Override
  public Integer call() throws Exception {
    Output out = Output.of(spec);
    FaceSearchCommand.inRange(spec, "--quiet-time", quietTime, 0, 3600);
    GalleryFiles gallery = where.files();
    where.requireStoreOrPlace();
    GalleryFiles.requireFolder(folder);
    StopSignal.onStop(() -> stop.set(true));
    PhotoRoot root = PhotoRoot.of(folder);
    FolderSource source = people.of(PhotoSource.folder(root));
    try (FolderChanges changes = new FolderChanges(folder, gallery.path());
        FaceAnalyzer analyzer = analyzer(out)) {
      boolean due = true;
      out.note("watching " + folder + " (Ctrl-C to stop)");
      while (!stop.get()) {
        if (due) {
          due = !bringUpToDate(source, analyzer, changes, out);
        }
        if (due) {
          pause(RETRY);
        } else {
          due = changes.await(Duration.ofSeconds(quietTime), stop::get);
        }
      }
    }
    return 0;
  }

  /** With the model that made the gallery, if there is one; waits until that can be asked. */
  private FaceAnalyzer analyzer(Output out) throws IOException, InterruptedException {
    while (where.files().holdsStore() && !stop.get()) {
      java.util.Optional<String> made;
      try (Gallery gallery = where.openToRead()) {
        made = gallery.storage().model();
      } catch (IndexLockedException e) {
        say(IN_USE, out);
        pause(RETRY);
        continue;
      }
      return FaceAnalyzer.builder().embedder(model.open(made.orElse(null))).build();
    }
    return model.analyzer();
  }

  private void pause(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (!stop.get() && System.nanoTime() < end) {
      Thread.sleep(100);
    }
  }

  /** False if it has to be tried again. */
  private boolean bringUpToDate(
      FolderSource source, FaceAnalyzer analyzer, FolderChanges changes, Output out)
      throws IOException {
    if (!Files.isDirectory(folder)) {
      say("the folder is gone: nothing is removed; when it is back, this goes on", out);
      return false;
    }
    try {
      changes.register(); // before the photos are listed, so that no change falls between
    } catch (IOException e) {
      say("the folder cannot be listed: " + FaceSearchCommand.words(e).orElse(""), out);
      return false;
    }
    changes.failure().ifPresent(why -> say(why, out));
    try (Gallery gallery = where.open(analyzer, namesFromPhotos)) {
      IndexingReport report = gallery.addAll(source, progress -> !stop.get());
      int removed = 0;
      if (!keep && report.gone() + report.outdated() > 0 && !report.cancelled()) {
        Pruning plan = gallery.planPruning(source);
        if (plan.warning().isPresent()) {
          say("nothing is removed: " + plan.warning().get(), out);
        } else {
          removed = gallery.prune(plan);
          said = "";
        }
      } else if (report.gone() == 0) {
        said = "";
      }
      if (report.images() + report.renamed() + removed + report.broken().size() > 0) {
        out.text()
            .println(
                "added "
                    + report.images()
                    + " photos with "
                    + report.faces()
                    + " faces, renamed "
                    + report.renamed()
                    + ", replaced "
                    + report.replaced()
                    + ", broken "
                    + report.broken().size()
                    + ", removed "
                    + removed
                    + " faces; now "
                    + gallery.size());
        out.text().flush();
        Indexing.json(report, gallery.size(), removed, out);
      }
      return true;
    } catch (IndexLockedException e) {
      say(IN_USE, out);
      return false;
    } catch (java.nio.file.NoSuchFileException | java.nio.file.NotDirectoryException e) {
      return false; // the folder went just then: it is looked at again
    }
  }

  private void say(String what, Output out) {
    if (!what.equals(said)) {
      out.note(what);
      said = what;
    }
  }
}
