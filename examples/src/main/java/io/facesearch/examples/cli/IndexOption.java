package io.facesearch.examples.cli;

import io.facesearch.DecisionThreshold;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearch;
import io.facesearch.FaceSearchException;
import io.facesearch.index.FaceStore;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Where the faces are kept: a file, which is saved as a whole, or the folder of a store. */
final class IndexOption {
  /** Of the folder of photos that clients of 'serve' add. */
  static final String PHOTOS = ".photos";

  private static final String DATABASE = "faces.db";
  private static final String MAKE_A_KEY = "make one with: head -c 32 /dev/urandom";

  @Option(
      names = "--index",
      paramLabel = "PATH",
      defaultValue = "faces.fsx",
      description = {
        "An index file (*.fsx), or the folder of a store, which survives crashes",
        "(default: ${DEFAULT-VALUE})."
      })
  private Path path;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "Holds the key of the store, 16 or 32 bytes (default: it is not encrypted).")
  private Path keyFile;

  Path path() {
    return path;
  }

  boolean exists() {
    return Files.exists(path);
  }

  boolean isFile() {
    return isFile(path);
  }

  /** Whether a path is, or will be, an index file. */
  static boolean isFile(Path path) {
    return Files.isRegularFile(path)
        || !Files.isDirectory(path) && path.toString().endsWith(".fsx");
  }

  /** An index file would be written in plain, whatever key is given. */
  static void requireStore(Path path, Path keyFile) {
    if (keyFile != null && isFile(path)) {
      throw new FaceSearchException(
          "--key-file is for the folder of a store, but "
              + path
              + " is an index file, which is never encrypted; name a folder with --index");
    }
  }

  /** Opens what is there, or makes it; to be closed by the caller. */
  FaceIndex openOrMake() throws IOException {
    requireStore(path, keyFile);
    Path parent = path.toAbsolutePath().getParent();
    if (!Files.isDirectory(parent)) {
      throw new FaceSearchException(
          "the folder of the index " + path + " does not exist; make it first");
    }
    // Before hours of work, not after.
    if (!Files.isWritable(parent)) {
      throw new AccessDeniedException(parent.toString());
    }
    if (Files.exists(path)) {
      return open();
    }
    return isFile() ? SigmoidTreeIndex.builder().build() : store();
  }

  /** Opens what is there; to be closed by the caller. */
  FaceIndex open() throws IOException {
    if (!Files.exists(path)) {
      throw new FaceSearchException(
          "there is no index "
              + path
              + "; make one with 'facesearch index FOLDER', or name one with --index");
    }
    requireStore(path, keyFile);
    if (isFile()) {
      return SigmoidTreeIndex.load(path);
    }
    // Photos lie in folders too, and a store is not to be made among them.
    if (!Files.exists(path.resolve(DATABASE)) && !isEmpty()) {
      throw new FaceSearchException(
          path + " is a folder, but holds no store (" + DATABASE + "); name an index with --index");
    }
    return store();
  }

  private boolean isEmpty() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.findAny().isEmpty();
    }
  }

  private FaceStore store() throws IOException {
    return store(path, keyFile);
  }

  /** Opens or makes a store; without a key file it is not encrypted. */
  static FaceStore store(Path folder, Path keyFile) throws IOException {
    FaceStore.Builder builder = FaceStore.builder(folder);
    if (keyFile != null) {
      builder.key(key(keyFile));
    }
    return builder.open();
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

  /** Deletes the photos that clients of 'serve' had added of these faces; tells how many. */
  int deletePhotos(List<FaceRecord> faces) throws IOException {
    Path folder = path.resolveSibling(path.getFileName() + PHOTOS);
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    Path photos = folder.toRealPath();
    int deleted = 0;
    for (FaceRecord face : faces) {
      Path file;
      try {
        file = photos.resolve(face.source().orElse("")).toRealPath();
      } catch (InvalidPathException | IOException e) {
        continue; // never a file, or gone
      }
      // An index may name any file.
      if (file.startsWith(photos) && Files.isRegularFile(file)) {
        Files.delete(file);
        deleted++;
      }
    }
    return deleted;
  }

  /** How many photos of these faces are there, as far as it is known where they lie. */
  static long photosLeft(FaceIndex index, List<FaceRecord> faces) {
    return faces.stream().flatMap(face -> index.photoOf(face).stream()).distinct().count();
  }

  /** Saves what is not saved by itself. */
  void save(FaceIndex index) throws IOException {
    if (index instanceof SigmoidTreeIndex tree) {
      tree.save(path);
    }
  }

  /** The pipeline on it, with the threshold calibrated for it if there is one. */
  FaceSearch pipeline(FaceIndex index, ModelOption model) throws IOException {
    FaceSearch.Builder builder = FaceSearch.builder().index(index);
    FaceEmbedder embedder = model.open();
    try {
      Path threshold = path.resolveSibling(path.getFileName() + ".threshold");
      if (Files.exists(threshold)) {
        builder.threshold(DecisionThreshold.load(threshold, embedder.card().fingerprint()));
      }
      return builder.embedder(embedder).build();
    } catch (IOException | RuntimeException e) {
      embedder.close();
      throw e;
    }
  }
}
