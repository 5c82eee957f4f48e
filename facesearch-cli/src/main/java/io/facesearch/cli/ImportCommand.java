package io.facesearch.cli;

import io.facesearch.DuplicateFaceException;
import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.Gallery;
import io.facesearch.KeptPhotos;
import io.facesearch.ModelMismatchException;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.internal.AtomicFile;
import io.facesearch.spi.GalleryStorage;
import io.facesearch.store.VectorFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Takes the faces of an index file, or vectors of other programs, over into a store.",
      "Of an index file with the threshold and the added photos that lie beside it; vectors with"
          + " names",
      "and tags (docs/IMPORT.md). The file stays as it is. Faces that the store has are",
      "left out, so a stopped run can be repeated."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch import old.fsx --gallery faces",
      "  facesearch import vectors.npy --gallery faces --model dlib"
    })
final class ImportCommand implements Callable<Integer> {
  /** Faces of one transaction. */
  private static final int AT_ONCE = 10_000;

  @Parameters(
      paramLabel = "FILE",
      description = "An index file (*.fsx), or vectors (*.npy, *.csv, *.jsonl).")
  private Path file;

  @Mixin private GalleryOption where;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Output output = Output.of(spec);
    PrintWriter out = output.text();
    GalleryFiles from = new GalleryFiles(file);
    if (!Files.exists(file)) {
      throw new FaceSearchException("there is no index file " + file);
    }
    if (Files.isDirectory(file)) {
      throw new FaceSearchException(
          file + " is a folder, not an index file; copy a store with its own backup");
    }
    if (VectorFile.isOne(file)) {
      importVectors(output);
      return 0;
    }
    from.requireGallery();
    where.requireStoreOrPlace();
    try (SigmoidTreeIndex index = SigmoidTreeIndex.load(file);
        StoreToFill made = where.fillWithoutModel()) {
      GalleryStorage store = made.gallery().storage();
      requireOneModel(index, store);
      GalleryOption.printLeft(made.gallery().swept(), output);
      Taken taken = take(index, store, from.photoFolder());
      String threshold = takeThreshold(from.threshold(), where.files().threshold());
      out.println("faces        " + taken.faces + " taken over, " + taken.known + " there already");
      out.println("photos       " + taken.photos + " taken over, which clients had added");
      out.println("threshold    " + threshold);
      out.println(store.size() + " faces in " + where.path());
      out.println(
          file
              + " is left as it is, with the files beside it: whom you forget in the store is still"
              + " in it, so delete it when the store is in order");
      out.flush();
      json(taken, store.size(), output);
      made.done();
    }
    return 0;
  }

  private static void json(Taken taken, int size, Output out) {
    out.json(
        "imported",
        Output.object(
            "faces", taken.faces,
            "known", taken.known,
            "photos", taken.photos,
            "galleryFaces", size));
  }

  private void importVectors(Output output) throws IOException {
    PrintWriter out = output.text();
    where.requireStoreOrPlace();
    try (StoreToFill made = where.fill(model, Gallery.builder())) {
      Gallery gallery = made.gallery();
      List<EmbeddedFace> some = new ArrayList<>();
      Taken taken = new Taken();
      VectorFile.read(
          file,
          gallery.analyzer().model().fingerprint(),
          face -> {
            some.add(face);
            if (some.size() == AT_ONCE) {
              addMissing(some, gallery, taken);
            }
          });
      addMissing(some, gallery, taken);
      out.println("faces        " + taken.faces + " taken over, " + taken.known + " there already");
      out.println(gallery.size() + " faces in " + where.path());
      out.flush();
      json(taken, gallery.size(), output);
      made.done();
    }
  }

  /** Asks what the gallery has only where it has one of them: on SolrCloud that costs a request. */
  private static void addMissing(List<EmbeddedFace> some, Gallery gallery, Taken taken) {
    int all = some.size();
    try {
      gallery.addFaces(some);
    } catch (DuplicateFaceException e) {
      some.removeIf(face -> gallery.get(face.face().id()).isPresent());
      gallery.addFaces(some);
    }
    taken.faces += some.size();
    taken.known += all - some.size();
    some.clear();
  }

  /** Also where the store has a face of each name, which would be left out. */
  private void requireOneModel(SigmoidTreeIndex index, GalleryStorage store) {
    if (index.model().isPresent()
        && store.model().isPresent()
        && !index.model().equals(store.model())) {
      throw new ModelMismatchException(
          file
              + " was made with the model of fingerprint "
              + index.model().get()
              + ", but the store "
              + where.path()
              + " with that of fingerprint "
              + store.model().get()
              + "; import it into a store of its own, or index the photos again");
    }
  }

  private static final class Taken {
    private int faces;
    private int known;
    private int photos;
  }

  /** Photos before their faces: what is left without a face is swept. */
  private Taken take(SigmoidTreeIndex index, GalleryStorage store, Path photos) throws IOException {
    Taken taken = new Taken();
    KeptPhotos to = store.photos();
    List<EmbeddedFace> some = new ArrayList<>();
    for (EmbeddedFace face : index.faces()) {
      Optional<String> name = addedName(face.face());
      EmbeddedFace mended =
          name.map(known -> new EmbeddedFace(renamed(face.face(), known), face.embedding()))
              .orElse(face);
      if (store.get(mended.face().id()).isPresent()) {
        taken.known++;
        continue;
      }
      Optional<Path> photo = name.flatMap(KeptPhotos::fileOf).map(photos::resolve);
      if (photo.isPresent() && Files.isRegularFile(photo.get(), LinkOption.NOFOLLOW_LINKS)) {
        to.put(name.get(), Files.readAllBytes(photo.get()));
        taken.photos++;
      }
      some.add(mended);
      taken.faces++;
      if (some.size() == AT_ONCE) {
        store.addAll(some);
        some.clear();
      }
    }
    store.addAll(some);
    return taken;
  }

  /** The name of an added photo; older files hold its path, of before they were moved. */
  private static Optional<String> addedName(FaceRecord face) {
    return face.source()
        .flatMap(
            source -> {
              if (KeptPhotos.fileOf(source).isPresent()) {
                return Optional.of(source);
              }
              String[] path = source.replace('\\', '/').split("/", -1);
              boolean wasAdded = path.length > 1 && path[path.length - 2].endsWith(".photos");
              return Optional.of(KeptPhotos.ROOT + path[path.length - 1])
                  .filter(name -> wasAdded && KeptPhotos.fileOf(name).isPresent());
            });
  }

  private static FaceRecord renamed(FaceRecord face, String source) {
    String id = face.id();
    String number = id.substring(Math.max(0, id.lastIndexOf('#')));
    return new FaceRecord(
        source + number,
        face.person().orElse(null),
        source,
        face.box().orElse(null),
        face.tags(),
        face.photoOf().orElse(null),
        face.stamp().orElse(null));
  }

  private static String takeThreshold(Path from, Path to) throws IOException {
    if (!Files.exists(from)) {
      return Files.exists(to) ? "that of the store" : "none was calibrated for it";
    }
    if (Files.exists(to)) {
      return Files.mismatch(from, to) < 0
          ? "taken over"
          : "that of the store, which differs from " + from + ", is kept";
    }
    AtomicFile.write(to, Files.readAllBytes(from));
    return "taken over";
  }
}
