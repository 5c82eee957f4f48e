package io.facesearch.cli;

import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceSearchException;
import io.facesearch.Gallery;
import io.facesearch.GalleryBuilder;
import io.facesearch.IndexLockedException;
import io.facesearch.KeptPhotos;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/**
 * Which gallery: the folder of a store, which commands change; an index file, which is a snapshot
 * that programs make, and which commands only read; or a collection of SolrCloud.
 */
final class GalleryOption {
  private static final String MAKE_A_KEY = "make one with: head -c 32 /dev/urandom";

  @Option(
      names = "--gallery",
      paramLabel = "PATH",
      defaultValue = "faces",
      converter = GivenConverter.class,
      description =
          "The folder of a store; to search also an index file (*.fsx), which is only read; or solr:COLLECTION@URL of a SolrCloud (default: ${DEFAULT-VALUE}).")
  private String given;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "Holds the key of the store, 16 or 32 bytes (default: it is not encrypted).")
  private @Nullable Path keyFile;

  /** Refuses what is neither an address nor a path. */
  static final class GivenConverter implements ITypeConverter<String> {
    @Override
    public String convert(String value) {
      return SolrAddress.isOne(value) ? value : FaceSearchCommand.path(value).toString();
    }
  }

  /** The folder or the file; of SolrCloud the name of the collection, to tell it. */
  Path path() {
    return Path.of(SolrAddress.isOne(given) ? SolrAddress.of(given).collection() : given);
  }

  /** The folder or the file, for commands that need one. */
  GalleryFiles files() {
    if (SolrAddress.isOne(given)) {
      throw new FaceSearchException(
          "this needs the folder of a store, but the gallery is on SolrCloud: " + path());
    }
    return new GalleryFiles(path());
  }

  /** Refuses what {@link #openToKeep} would refuse, before anything is made. */
  void requireStoreOrPlace() throws IOException {
    if (!isOnSolr(given, keyFile)) {
      requireStoreOrPlace(path(), keyFile);
    }
  }

  /** Opens the store to add faces, or makes it; to be closed by the caller. */
  StoreToFill fill(ModelOption model, GalleryBuilder builder) throws IOException {
    return fill(given, keyFile, model, builder);
  }

  /** Opens another store, or makes it, with the same key. */
  StoreToFill fill(Path other, ModelOption model, GalleryBuilder builder) throws IOException {
    return fill(other.toString(), keyFile, model, builder);
  }

  /** Opens the store to take over faces as they are, or makes it; without a model. */
  StoreToFill fillWithoutModel() throws IOException {
    StoreToFill.Opening plain = () -> open(given, keyFile, Gallery.builder().withoutModel());
    if (isOnSolr(given, keyFile)) {
      return StoreToFill.elsewhere(plain);
    }
    requireStoreOrPlace(path(), keyFile);
    return StoreToFill.open(path(), plain, plain);
  }

  /** Opens a store to add faces, or makes it; without a key file it is not encrypted. */
  static StoreToFill fill(
      String given, @Nullable Path keyFile, ModelOption model, GalleryBuilder builder)
      throws IOException {
    StoreToFill.Opening opening = () -> open(given, keyFile, model, builder);
    if (isOnSolr(given, keyFile)) {
      return StoreToFill.elsewhere(opening);
    }
    Path path = Path.of(given);
    requireStoreOrPlace(path, keyFile);
    return StoreToFill.open(
        path, opening, () -> open(given, keyFile, Gallery.builder().withoutModel()));
  }

  private static void requireStoreOrPlace(Path path, @Nullable Path keyFile) throws IOException {
    requireStore(path);
    GalleryFiles files = new GalleryFiles(path);
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw new FaceSearchException(
          "the folder of the gallery " + path + " does not exist; make it first");
    }
    // Before hours of work, not after.
    if (!Files.isWritable(parent)) {
      throw new AccessDeniedException(parent.toString());
    }
    // Photos lie in folders too, and a store is not to be made among them.
    if (files.exists() && !files.holdsStore() && !isUnused(files)) {
      throw noStore(path);
    }
    if (keyFile != null) {
      key(keyFile);
    }
  }

  /** Opens a store that is there, to change what it knows; without a model. */
  Gallery openToKeep() throws IOException {
    if (!isOnSolr(given, keyFile)) {
      requireStore(path());
    }
    requireThere(given, keyFile);
    return open(given, keyFile, Gallery.builder().withoutModel());
  }

  /** Opens a store or an index file that is there, to look at what it knows; without a model. */
  Gallery openToRead() throws IOException {
    requireThere(given, keyFile);
    return open(given, keyFile, Gallery.builder().withoutModel().readOnly(true));
  }

  /** Opens a store or an index file that is there, to search it; to be closed by the caller. */
  Gallery open(ModelOption model) throws IOException {
    return open(given, keyFile, model);
  }

  /** Opens a gallery that is there, with its model; an index file is only read. */
  static Gallery open(String given, @Nullable Path keyFile, ModelOption model) throws IOException {
    requireThere(given, keyFile);
    return open(given, keyFile, model, Gallery.builder());
  }

  private static Gallery open(
      String given, @Nullable Path keyFile, ModelOption model, GalleryBuilder builder)
      throws IOException {
    builder.analyzer(model.parts());
    return open(given, keyFile, builder);
  }

  /** Opens a store with an analyzer that is shared, or makes the store. */
  Gallery open(FaceAnalyzer analyzer, boolean namesFromPhotos) throws IOException {
    return open(
        given, keyFile, Gallery.builder().analyzer(analyzer).namesFromPhotos(namesFromPhotos));
  }

  private static Gallery open(String given, @Nullable Path keyFile, GalleryBuilder builder)
      throws IOException {
    if (isOnSolr(given, keyFile)) {
      return SolrAddress.of(given).open(builder);
    }
    Path path = Path.of(given);
    if (new GalleryFiles(path).isSnapshot()) {
      if (keyFile != null) {
        throw new FaceSearchException(
            "--key-file is for the folder of a store, but "
                + path
                + " is an index file, which is never encrypted; name a folder with --gallery");
      }
      return builder.file(path).open();
    }
    builder.folder(path);
    if (keyFile != null) {
      builder.key(key(keyFile));
    }
    try {
      return builder.open();
    } catch (IndexLockedException e) {
      throw new IndexLockedException(
          "the gallery "
              + path
              + " is open already, and one process at a time has it: while 'serve' has it, search,"
              + " add and forget on its page or over REST (/api/openapi.json); else wait for the"
              + " other command to end, or stop it",
          e);
    }
  }

  /** What names it in a command that is printed to be copied; nothing for the usual one. */
  String words() {
    String key = keyFile == null ? "" : " --key-file " + ShellWord.of(keyFile.toString());
    return (given.equals("faces") ? "" : " --gallery " + ShellWord.of(given)) + key;
  }

  /** Whether it is neither a folder nor a file, but a collection of Solr's. */
  boolean isOnSolr() {
    return SolrAddress.isOne(given);
  }

  private static boolean isOnSolr(String given, @Nullable Path keyFile) {
    boolean isOnSolr = SolrAddress.isOne(given);
    if (isOnSolr && keyFile != null) {
      throw new FaceSearchException(
          "--key-file is for the folder of a store; what a SolrCloud keeps is encrypted by its"
              + " disks");
    }
    return isOnSolr;
  }

  /** An index file is a snapshot: whoever changed it would undo what others did since. */
  private static void requireStore(Path path) {
    new GalleryFiles(path).requireGallery();
    if (!new GalleryFiles(path).isSnapshot()) {
      return;
    }
    if (Files.exists(path)) {
      throw new FaceSearchException(
          path
              + " is an index file, which is a read-only snapshot; import it into a store"
              + " with 'facesearch import "
              + path
              + " --gallery FOLDER', and name that folder with --gallery");
    }
    throw new FaceSearchException(
        path
            + " would be an index file, which is a snapshot that programs make; name the folder of"
            + " a store with --gallery, such as "
            + path.resolveSibling(path.getFileName().toString().replaceAll("\\.fsx$", "")));
  }

  private static void requireThere(String given, @Nullable Path keyFile) throws IOException {
    if (!isOnSolr(given, keyFile)) {
      requireThere(Path.of(given));
    }
  }

  private static void requireThere(Path path) throws IOException {
    GalleryFiles files = new GalleryFiles(path);
    if (!files.exists()) {
      Path snapshot = path.resolveSibling(path.getFileName() + ".fsx");
      if (Files.exists(snapshot)) {
        throw new FaceSearchException(
            "there is no gallery "
                + path
                + ", but there is the index file "
                + snapshot
                + "; import it with 'facesearch import "
                + snapshot
                + " --gallery "
                + path
                + "', or search it as it is with --gallery "
                + snapshot);
      }
      throw new FaceSearchException(
          "there is no gallery "
              + path
              + "; make one with 'facesearch index --photos FOLDER', or name one with --gallery");
    }
    files.requireGallery();
    if (!files.isSnapshot() && !files.holdsStore()) {
      throw noStore(path);
    }
  }

  private static FaceSearchException noStore(Path path) {
    return new FaceSearchException(
        path + " is a folder, but holds no store (faces.db); name a gallery with --gallery");
  }

  /** Whether a folder is empty, but for a threshold that was calibrated before the first face. */
  private static boolean isUnused(GalleryFiles files) throws IOException {
    try (Stream<Path> inside = Files.list(files.path())) {
      return inside.allMatch(file -> file.equals(files.threshold()));
    }
  }

  private static byte[] key(Path keyFile) throws IOException {
    if (!Files.isRegularFile(keyFile)) {
      throw new FaceSearchException(
          "there is no key file " + keyFile + "; " + MAKE_A_KEY + " > " + keyFile);
    }
    long size = Files.size(keyFile);
    if (size != 16 && size != 32) {
      throw new FaceSearchException(
          "a key has 16 or 32 bytes, but the file " + keyFile + " has " + size + "; " + MAKE_A_KEY);
    }
    return Files.readAllBytes(keyFile);
  }

  /** Says which photos could not be deleted, and where they lie. */
  static void printLeft(KeptPhotos.Deleted photos, Output out) {
    if (photos.left().isEmpty()) {
      return;
    }
    out.error(
        "of the photos that clients had added, could not be deleted: "
            + photos.left().size()
            + "; delete them yourself");
    for (KeptPhotos.Left left : photos.left()) {
      out.errorDetail(left.file() + ": " + left.reason());
    }
  }
}
