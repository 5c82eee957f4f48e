package io.facesearch.cli;

import io.facesearch.FolderSource;
import io.facesearch.Gallery;
import io.facesearch.GalleryBuilder;
import io.facesearch.IndexingReport;
import io.facesearch.PhotoRoot;
import io.facesearch.PhotoSource;
import io.facesearch.Pruning;
import io.facesearch.train.CelebA;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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
    name = "index",
    mixinStandardHelpOptions = true,
    description = {
      "Adds the faces of all photos of a folder to a store, which keeps each at once.",
      "Photos that it holds already are skipped, so a stopped run can be repeated; of those that",
      "were replaced the faces are taken anew, those that were renamed or moved keep theirs."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch index --photos photos",
      "  facesearch index --photos photos --prune --gallery faces --json"
    })
final class IndexCommand implements Callable<Integer> {
  /** More than any machine has cores. */
  static final int MOST_THREADS = 1024;

  @Option(
      names = "--photos",
      paramLabel = "FOLDER",
      required = true,
      description = "Photos; a subfolder's name is the person. Or CelebA with its lists.")
  private Path folder;

  @Mixin private FolderPeople people;

  @Mixin private GalleryOption where;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Photos worked on at once (default: number of cores).")
  private @Nullable Integer threads;

  @Option(
      names = "--root",
      paramLabel = "NAME",
      description = "What the photos' names begin with (default: the name of the folder).")
  private @Nullable String root;

  @Option(names = "--follow-links", description = "Also index what symbolic links lead to.")
  private boolean followLinks;

  @Option(
      names = "--no-bystanders",
      description = "In photos of a person, leave out all faces but the person's.")
  private boolean noBystanders;

  @Option(
      names = "--names-from-photos",
      description =
          "Take the names that photos themselves give their faces, as digiKam and Lightroom write them (regions in the XMP data of JPEG files).")
  private boolean namesFromPhotos;

  @Option(
      names = "--prune",
      description =
          "Then remove the faces whose photo is gone from the folder, or was replaced by a broken file.")
  private boolean prune;

  @Option(
      names = "--confirm",
      description =
          "Prune also where most photos of the folder are gone, as where its disk is not mounted.")
  private boolean confirm;

  @Option(
      names = "--attributes",
      paramLabel = "FILE",
      description =
          "A model of 'train attributes': its probabilities, of the largest face of each photo, become tags to filter by, such as Eyeglasses=0.98.")
  private @Nullable Path attributes;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Output out = Output.of(spec);
    if (confirm && !prune) {
      throw new ParameterException(
          spec.commandLine(), "--confirm is for --prune, which is missing");
    }
    // All that can be wrong, before a store is made for nothing.
    if (threads != null) {
      FaceSearchCommand.inRange(spec, "--threads", threads, 1, MOST_THREADS);
    }
    where.requireStoreOrPlace();
    // A folder that is gone can be pruned.
    boolean gone = prune && !Files.exists(folder) && where.files().holdsStore();
    if (!gone) {
      GalleryFiles.requireFolder(folder);
    }
    GalleryBuilder builder =
        Gallery.builder().bystanders(!noBystanders).namesFromPhotos(namesFromPhotos);
    if (threads != null) {
      builder.threads(threads);
    }
    FolderSource source = source();
    AtomicBoolean stop = new AtomicBoolean();
    StopSignal.onStop(() -> stop.set(true));
    int pruned = 0;
    try (AttributeTags looks = attributes == null ? null : AttributeTags.open(attributes);
        StoreToFill made = where.fill(model, builder)) {
      Gallery gallery = made.gallery();
      if (looks != null) {
        source = looks.add(source);
      }
      GalleryOption.printLeft(gallery.swept(), out);
      Map<String, Path> before = gallery.storage().roots();
      Optional<IndexingReport> report = Optional.empty();
      if (!gone) {
        report = Optional.of(Indexing.run(gallery, source, out, progress -> !stop.get()));
      }
      if (prune && !stop.get()) {
        pruned = prune(gallery, source, out);
      }
      tellMoves(before, gallery.storage().roots(), out);
      if (!where.isOnSolr()
          && report.filter(done -> done.images() >= FolderNames.FEWEST).isPresent()) {
        FolderNames.doubtful(gallery)
            .forEach(
                name ->
                    out.note(
                        "the faces called "
                            + name
                            + " are mostly of different people: if that folder is not a"
                            + " person, remove the name with 'facesearch people unname "
                            + ShellWord.of(name)
                            + where.words()
                            + "', and index with --no-person "
                            + ShellWord.of(name)));
      }
      out.text().println(gallery.size() + " faces in " + where.path());
      out.text().flush();
      int removed = Math.max(0, pruned);
      report.ifPresentOrElse(
          done -> Indexing.json(done, gallery.size(), removed, out),
          () -> out.json("pruned", "removedFaces", removed, "galleryFaces", gallery.size()));
      made.done();
    }
    if (pruned < 0) {
      return 1;
    }
    return stop.get() ? FaceSearchCommand.STOPPED : 0;
  }

  /** Folders that lie elsewhere now keep their names. */
  private static void tellMoves(Map<String, Path> before, Map<String, Path> now, Output out) {
    now.forEach(
        (name, folder) -> {
          Path old = before.get(name);
          if (old != null && !old.equals(folder)) {
            out.note(folder + " is the folder " + name + " of the gallery, which lay at " + old);
          }
        });
  }

  private FolderSource source() throws IOException {
    if (!CelebA.isOne(folder)) {
      return people.of(PhotoSource.folder(root(folder)).followLinks(followLinks));
    }
    try (CelebA lists = CelebA.read(folder)) {
      return PhotoSource.folder(root(lists.folder().orElse(folder)))
          .followLinks(followLinks)
          .person(lists::identityOf);
    }
  }

  private PhotoRoot root(Path photos) {
    if (root == null) {
      return PhotoRoot.of(photos);
    }
    try {
      return PhotoRoot.of(root, photos);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--root: " + e.getMessage(), e);
    }
  }

  /** Shows what would go, and removes it; returns how many faces, -1 if that was refused. */
  private int prune(Gallery gallery, FolderSource source, Output output) throws IOException {
    PrintWriter out = output.text();
    Pruning plan = gallery.planPruning(source);
    if (plan.photos().isEmpty()) {
      GalleryFiles.requireFolder(folder); // neither there nor known: a slip of the pen
    }
    String broken = plan.broken().isEmpty() ? "" : ", broken: " + plan.broken().size() + " photos,";
    out.println(
        "  gone: "
            + plan.photos().size()
            + " photos"
            + broken
            + " with "
            + plan.faces()
            + " faces");
    Indexing.list(out, plan.photos(), photo -> "gone: " + photo);
    Indexing.list(out, plan.broken(), photo -> "broken: " + photo);
    out.flush();
    if (plan.warning().isPresent() && !confirm) {
      output.error(
          "nothing was removed: " + plan.warning().get() + " To remove them anyway, add --confirm");
      return -1;
    }
    int removed = gallery.prune(plan.confirmed());
    out.println("  removed: " + removed + " faces");
    return removed;
  }
}
