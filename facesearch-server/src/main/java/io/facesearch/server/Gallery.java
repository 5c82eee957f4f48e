package io.facesearch.server;

import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceImage;
import io.facesearch.FaceImageReader;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearch;
import io.facesearch.ForgetReceipt;
import io.facesearch.ImageFormatException;
import io.facesearch.IndexWriteException;
import io.facesearch.IndexingProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is searched: the pipeline, its index, the folder of photos it is filled from, and the photos
 * that clients added. Owns all of it. Thread-safe.
 */
public final class Gallery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gallery.class);

  /** Photos that are added are kept as crops of this many face widths. */
  private static final double CROP = 2.5;

  /** Added photos that are not kept on disk may take this share of the heap. */
  private static final int SHARE_OF_HEAP = 8;

  private final FaceSearch faces;
  private final GalleryIndex index;
  private final Path folder;
  private final PhotoLabels labels;
  private final AddedPhotos added;
  private final boolean kept;
  private final boolean readOnly;

  private volatile Indexing indexing = new Indexing("none", null, null);
  private volatile People people = new People(-1, List.of());
  private volatile boolean stopping;
  private Thread indexer;

  private Gallery(Builder b) throws IOException {
    folder = b.photos == null ? null : b.photos.toRealPath();
    labels = folder == null || b.labels != null ? b.labels : PhotoLabels.ofSubfolders(folder);
    readOnly = b.readOnly;
    kept = b.added != null;
    added =
        kept
            ? PhotoFolder.of(b.added)
            : new PhotosInMemory(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    if (!readOnly) {
      warn(Forgetting.sweep(b.index, added));
    }
    index = new GalleryIndex(b.index, labels == null ? face -> face : labels::label);
    if (labels != null) {
      labels.person().ifPresent(b.pipeline::person);
    }
    faces = b.pipeline.index(index).build();
  }

  /**
   * Starts a gallery.
   *
   * @param pipeline detector, embedder and threshold; its index is set here
   * @param index searched and filled
   * @return a builder
   */
  public static Builder builder(FaceSearch.Builder pipeline, FaceIndex index) {
    return new Builder(pipeline, index);
  }

  /**
   * A person of the gallery.
   *
   * @param name of the person
   * @param faces how many
   * @param face the id of one
   */
  record Person(String name, int faces, String face) {}

  private record People(long version, List<Person> list) {}

  /**
   * How far the folder run is.
   *
   * @param state none, running, done, stopped or failed
   * @param progress the last one that was told, or null
   * @param reason why it failed, or null
   */
  record Indexing(String state, IndexingProgress progress, String reason) {}

  /**
   * What was forgotten.
   *
   * @param receipt of the index
   * @param photosDeleted photos that clients had added
   * @param photosNotDeleted photos that clients had added, and that could not be deleted
   * @param photosLeft photos of the person that are still there, which are the operator's
   */
  record Forgotten(
      ForgetReceipt receipt, int photosDeleted, int photosNotDeleted, int photosLeft) {}

  FaceSearch faces() {
    return faces;
  }

  /** The folder that photos come from, or null. */
  Path folder() {
    return folder;
  }

  /** Whether added faces outlive this process. */
  boolean kept() {
    return kept;
  }

  /** Whether nothing can be added, removed or forgotten. */
  boolean readOnly() {
    return readOnly;
  }

  /**
   * Refuses a change of a gallery that is only read.
   *
   * @throws Problem if it is
   */
  void requireWritable() {
    if (readOnly) {
      throw new Problem(
          409,
          "read_only",
          "this gallery is an index file, which is only read; take it over into a store with"
              + " 'facesearch import FILE --gallery FOLDER', and start the server with --gallery"
              + " FOLDER");
    }
  }

  Indexing indexing() {
    return indexing;
  }

  long version() {
    return index.version();
  }

  int size() {
    return index.size();
  }

  /** Adds the photos of the folder in a thread of its own; searches go on meanwhile. */
  synchronized void startIndexing() {
    if (folder == null || readOnly || indexer != null) {
      return;
    }
    indexing = new Indexing("running", null, null);
    indexer = new Thread(this::indexFolder, "facesearch-folder");
    indexer.setDaemon(true);
    indexer.start();
  }

  private void indexFolder() {
    try {
      boolean cancelled =
          faces
              .addAll(
                  labels.photos(),
                  progress -> {
                    indexing = new Indexing("running", progress, null);
                    return !stopping;
                  })
              .cancelled();
      indexing = new Indexing(cancelled ? "stopped" : "done", indexing.progress(), null);
    } catch (IOException | RuntimeException | Error e) {
      // Errors too, such as of memory: it would be said to run for ever.
      LOG.warn("indexing failed: {}", Failures.describe(e));
      LOG.debug("indexing failed", e);
      indexing = new Indexing("failed", indexing.progress(), Failures.words(e));
    }
  }

  /** All people, by name. */
  List<Person> people() {
    long version = index.version();
    People known = people;
    if (known.version() != version) {
      Map<String, Person> byName = new TreeMap<>();
      for (EmbeddedFace face : index.faces()) {
        face.face()
            .person()
            .ifPresent(
                name ->
                    byName.merge(
                        name,
                        new Person(name, 1, face.face().id()),
                        (old, one) -> new Person(name, old.faces() + 1, old.face())));
      }
      known = new People(version, List.copyOf(byName.values()));
      people = known;
    }
    return known.list();
  }

  /** Adds one face of a photo; keeps a crop of it, without the photo's metadata. */
  FaceRecord add(FaceImage photo, DetectedFace face, Embedding embedding, Optional<String> person)
      throws IOException {
    requireWritable();
    BoundingBox crop = face.box().square(CROP).clip(photo.width(), photo.height());
    FaceImage image = Pictures.crop(photo, crop);
    int left = (int) crop.x();
    int top = (int) crop.y();
    BoundingBox box =
        new BoundingBox(
            face.box().x() - left, face.box().y() - top, face.box().width(), face.box().height());
    byte[] jpeg = Pictures.jpeg(image.toBufferedImage());
    String source;
    try {
      source = added.add(jpeg);
    } catch (IOException e) {
      throw new IndexWriteException("the photo of the face cannot be written", e);
    }
    FaceRecord record =
        new FaceRecord(source + "#0", person, Optional.of(source), Optional.of(box));
    try {
      synchronized (this) {
        person.ifPresent(index::welcome);
        index.add(new EmbeddedFace(record, embedding));
      }
    } catch (RuntimeException e) {
      warn(added.delete(List.of(source)));
      throw e;
    }
    return record;
  }

  /**
   * Removes a face, and then its photo if a client had added it; false if there is none of that id.
   *
   * @throws Problem if the face is removed, but its photo is still there
   */
  synchronized boolean remove(String id) {
    requireWritable();
    Optional<EmbeddedFace> face = index.get(id);
    if (face.isEmpty() || !index.remove(id)) {
      return false;
    }
    AddedPhotos.Deleted photos = added.delete(face.get().face().source().stream().toList());
    warn(photos);
    if (!photos.left().isEmpty()) {
      throw new Problem(
          500,
          "photo_left",
          "the face is removed, but its photo could not be deleted; the next 'serve' or 'forget'"
              + " on the store tries again, and 'forget' tells where it lies");
    }
    return true;
  }

  /** Forgets a person; when it returns, no file of ours holds anything of them but what it says. */
  synchronized Forgotten forget(String person) {
    requireWritable();
    Forgetting.Forgotten done = Forgetting.forget(index, added, person);
    warn(done.photos());
    int left =
        (int)
            done.faces().stream()
                .filter(face -> face.source().filter(added::has).isEmpty())
                .flatMap(face -> fileOf(face).stream())
                .distinct()
                .count();
    return new Forgotten(done.receipt(), done.photos().photos(), done.photos().left().size(), left);
  }

  private static void warn(AddedPhotos.Deleted photos) {
    if (!photos.left().isEmpty()) {
      LOG.warn(
          "{} photos that clients had added could not be deleted; 'facesearch forget' tells where"
              + " they lie",
          photos.left().size());
    }
  }

  /** Whether {@link #readPhoto} finds one. */
  boolean hasPhoto(FaceRecord face) {
    return face.source().filter(added::has).isPresent() || fileOf(face).isPresent();
  }

  /**
   * Reads the photo of a face, if a client added it or it lies inside the folder of photos.
   *
   * @throws Problem if it cannot be read; says nothing of where it lies
   */
  Optional<FaceImage> readPhoto(FaceRecord face, FaceImageReader reader) {
    try {
      if (face.source().isPresent()) {
        Optional<byte[]> jpeg = added.read(face.source().get());
        if (jpeg.isPresent()) {
          return Optional.of(reader.read(jpeg.get(), "the photo"));
        }
      }
      Optional<Path> file = fileOf(face);
      return file.isEmpty() ? Optional.empty() : Optional.of(reader.read(file.get()));
    } catch (ImageFormatException | IOException e) {
      LOG.debug("the photo of a face cannot be read", e);
      throw new Problem(
          422, "image_unreadable", "the photo of this face can no longer be read: " + kind(e));
    }
  }

  private static String kind(Exception e) {
    return e instanceof ImageFormatException ? "it is no image, or a damaged one" : "no access";
  }

  /**
   * The photo of a face, if it lies inside that folder, symbolic links followed: an index may name
   * any file.
   */
  private Optional<Path> fileOf(FaceRecord face) {
    if (face.source().isEmpty() || folder == null) {
      return Optional.empty();
    }
    Optional<Path> known = index.photoOf(face);
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

  /** Stops indexing, and frees the pipeline and the index. */
  @Override
  public void close() {
    stopping = true;
    Thread running;
    synchronized (this) {
      running = indexer;
    }
    if (running != null) {
      try {
        running.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    try (index) {
      faces.close();
    }
  }

  /** Parts of a {@link Gallery}. Not thread-safe. */
  public static final class Builder {
    private final FaceSearch.Builder pipeline;
    private final FaceIndex index;
    private Path photos;
    private PhotoLabels labels;
    private Path added;
    private boolean readOnly;

    private Builder(FaceSearch.Builder pipeline, FaceIndex index) {
      this.pipeline = Objects.requireNonNull(pipeline, "pipeline");
      this.index = Objects.requireNonNull(index, "index");
    }

    /**
     * Sets the folder whose photos are indexed and shown; without it, photos of an index are not
     * shown.
     *
     * @param value one subfolder a person, unless {@link #labels} says otherwise
     * @return this
     */
    public Builder photos(Path value) {
      photos = Objects.requireNonNull(value, "photos");
      return this;
    }

    /**
     * Sets who is in the photos of {@link #photos}.
     *
     * @param value of that folder
     * @return this
     */
    public Builder labels(PhotoLabels value) {
      labels = Objects.requireNonNull(value, "labels");
      return this;
    }

    /**
     * Sets where photos that clients add are kept; without it, in memory until the gallery is
     * closed. Photos there without a face in the index are deleted.
     *
     * @param value made if it does not exist
     * @return this
     */
    public Builder added(Path value) {
      added = Objects.requireNonNull(value, "added");
      return this;
    }

    /**
     * Refuses all changes, as of an index that is a snapshot: nothing is added, removed, forgotten
     * or deleted, and the folder is shown but not indexed.
     *
     * @return this
     */
    public Builder readOnly() {
      readOnly = true;
      return this;
    }

    /**
     * Opens the gallery.
     *
     * @return the gallery, to be closed by the caller
     * @throws IOException if a folder cannot be read or made
     */
    public Gallery build() throws IOException {
      return new Gallery(this);
    }
  }
}
