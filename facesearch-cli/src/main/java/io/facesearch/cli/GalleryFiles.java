package io.facesearch.cli;

import io.facesearch.FaceSearchException;
import io.facesearch.index.IndexFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/**
 * Where the parts of a gallery lie: inside the folder of a store, beside an index file.
 *
 * @param path the folder of a store, or an index file, which is a snapshot and only read
 */
record GalleryFiles(Path path) {
  private static final String DATABASE = "faces.db";

  /** Hidden, so that nobody who indexes a folder above the store takes them for his photos. */
  private static final String PHOTOS = ".photos";

  private static final String THRESHOLD = "threshold";

  /** Whether it is, or would be, an index file. */
  boolean isSnapshot() {
    try {
      return IndexFile.isOne(path) || !exists() && path.toString().endsWith(".fsx");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Refuses a file that is neither a store nor an index file. */
  void requireGallery() {
    if (!exists() || Files.isDirectory(path) || isSnapshot()) {
      return;
    }
    if (path.endsWith(DATABASE)) {
      throw new FaceSearchException(
          "not a gallery: "
              + path
              + " is the database of a store; name its folder, "
              + path.toAbsolutePath().getParent());
    }
    throw new FaceSearchException(
        "not a gallery: "
            + path
            + " is a file, but not an index file, judging by its first bytes; name the"
            + " folder of a store,"
            + " or an index file (*.fsx)");
  }

  /** Refuses photos that are not there, or that nobody lets this user see. */
  static void requireFolder(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      throw new NoSuchFileException(folder.toString());
    }
    if (!Files.isDirectory(folder)) {
      throw new NotDirectoryException(folder.toString());
    }
    try (DirectoryStream<Path> mayBeRead = Files.newDirectoryStream(folder)) {}
  }

  boolean exists() {
    return Files.exists(path);
  }

  /** Whether a store was ever opened there. */
  boolean holdsStore() {
    return Files.exists(path.resolve(DATABASE));
  }

  /** Crops of the photos that clients of 'serve' added. */
  Path photoFolder() {
    return isSnapshot() ? path.resolveSibling(path.getFileName() + PHOTOS) : path.resolve(PHOTOS);
  }

  /** What was calibrated for its photos. */
  Path threshold() {
    return isSnapshot()
        ? path.resolveSibling(path.getFileName() + "." + THRESHOLD)
        : path.resolve(THRESHOLD);
  }
}
