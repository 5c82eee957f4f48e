package io.facesearch.server;

import io.facesearch.FaceImage;
import io.facesearch.FaceImageReader;
import io.facesearch.FaceRecord;
import io.facesearch.FolderSource;
import io.facesearch.Gallery;
import io.facesearch.ImageFormatException;
import io.facesearch.IndexingJob;
import io.facesearch.IndexingProgress;
import io.facesearch.IndexingReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A gallery with the one folder whose photos may be shown, and the run that brings it up to date
 * with them. Owns the gallery. Thread-safe.
 */
final class ServedGallery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServedGallery.class);

  private final Gallery gallery;

  /** Null if none was named. */
  private final @Nullable FolderSource photos;

  /** Its real path, or null. */
  private final @Nullable Path folder;

  private volatile @Nullable IndexingJob job;

  /** How the job ended; null until that is known, which is a moment after the job is done. */
  private volatile @Nullable Indexing ended;

  private final GroupedPeople grouped;

  ServedGallery(Gallery gallery, @Nullable FolderSource photos) throws IOException {
    this.gallery = gallery;
    grouped = new GroupedPeople(gallery);
    this.photos = photos;
    folder = photos == null ? null : photos.root().folder().toRealPath();
    grouped.begin(gallery.size());
  }

  /**
   * How far the folder run is.
   *
   * @param state none, running, done, stopped or failed
   * @param progress the last one that was told, or null
   * @param reason why it failed, or null
   */
  record Indexing(String state, @Nullable IndexingProgress progress, @Nullable String reason) {}

  Gallery gallery() {
    return gallery;
  }

  GroupedPeople grouped() {
    return grouped;
  }

  /** Whether a folder of photos was named. */
  boolean hasFolder() {
    return folder != null;
  }

  /**
   * Refuses a change of a gallery that is only read.
   *
   * @throws Problem if it is
   */
  void requireWritable() {
    if (gallery.isReadOnly()) {
      throw new Problem(
          409,
          "read_only",
          "this gallery is an index file, which is read-only; import it into a store with"
              + " 'facesearch import FILE --gallery FOLDER', and start the server with --gallery"
              + " FOLDER");
    }
  }

  /** Adds the photos of the folder; searches go on meanwhile. */
  synchronized void startIndexing() {
    if (photos == null || gallery.isReadOnly() || job != null) {
      return;
    }
    IndexingJob started = gallery.start(photos);
    job = started;
    started.completion().whenComplete((report, failure) -> ended(started, report, failure));
  }

  private void ended(IndexingJob started, IndexingReport report, @Nullable Throwable failure) {
    IndexingProgress last = started.progress().orElse(null);
    if (failure == null) {
      ended = new Indexing(report.cancelled() ? "stopped" : "done", last, null);
    } else {
      LOG.warn("indexing failed: {}", Failures.describe(failure));
      LOG.debug("indexing failed", failure);
      ended = new Indexing("failed", last, Failures.words(failure));
    }
  }

  Indexing indexing() {
    Indexing end = ended;
    if (end != null) {
      return end;
    }
    IndexingJob now = job;
    return now == null
        ? new Indexing("none", null, null)
        : new Indexing("running", now.progress().orElse(null), null);
  }

  /** Whether {@link #readPhoto} finds one. */
  boolean hasPhoto(FaceRecord face) {
    return gallery.hasCrop(face) || fileOf(face).isPresent();
  }

  /**
   * Reads the photo of a face: the crop that is kept, or the file if it lies inside the folder.
   *
   * @throws Problem if it cannot be read; says nothing of where it lies
   */
  Optional<FaceImage> readPhoto(FaceRecord face, FaceImageReader reader) {
    try {
      Optional<FaceImage> crop = gallery.readCrop(face, reader);
      if (crop.isPresent()) {
        return crop;
      }
      Optional<Path> file = fileOf(face);
      return file.isEmpty() ? Optional.empty() : Optional.of(reader.read(file.get()));
    } catch (ImageFormatException | IOException e) {
      LOG.debug("the photo of a face cannot be read", e);
      throw new Problem(
          422, "image_unreadable", "the photo of this face can no longer be read: " + kind(e));
    }
  }

  /**
   * The photo of a face as it was given: the crop that is kept, or the file if it lies inside the
   * folder.
   *
   * @param bytes of the crop, or null
   * @param file otherwise
   */
  record Original(byte @Nullable [] bytes, @Nullable Path file) {}

  /** Empty if it is not known where the photo is, or that is gone, or not inside the folder. */
  Optional<Original> original(FaceRecord face) throws IOException {
    Optional<byte[]> crop = gallery.cropOf(face);
    if (crop.isPresent()) {
      return crop.map(bytes -> new Original(bytes, null));
    }
    return fileOf(face).map(file -> new Original(null, file));
  }

  private static String kind(Exception e) {
    return e instanceof ImageFormatException ? "it is not an image, or it is damaged" : "no access";
  }

  /**
   * The photo of a face, if it lies inside the folder, symbolic links followed: a gallery may name
   * any file.
   */
  private Optional<Path> fileOf(FaceRecord face) {
    if (face.source().isEmpty() || folder == null) {
      return Optional.empty();
    }
    Optional<Path> known = gallery.photoOf(face);
    if (known.isPresent()) {
      return known.filter(file -> file.startsWith(folder));
    }
    try {
      Path file = folder.resolve(face.source().get()).toRealPath();
      return file.startsWith(folder) && Files.isRegularFile(file)
          ? Optional.of(file)
          : Optional.empty();
    } catch (IOException | InvalidPathException e) {
      return Optional.empty(); // gone, or never a file name
    }
  }

  /** Stops indexing, and frees the gallery. */
  @Override
  public void close() {
    grouped.close();
    gallery.close();
  }
}
