package io.facesearch.examples.server;

import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceImage;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearch;
import io.facesearch.ForgetReceipt;
import io.facesearch.IndexingProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is searched: the pipeline, its index, the folder of photos it is filled from, and the folder
 * for photos that are added by clients. Owns all of it. Thread-safe.
 */
public final class Gallery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gallery.class);

  /** Photos that are added are kept as crops of this many face widths. */
  private static final double CROP = 2.5;

  /** Writes an index to where it is kept. */
  @FunctionalInterface
  public interface Saver {
    /**
     * Saves.
     *
     * @throws IOException if it cannot be written
     */
    void save() throws IOException;
  }

  private final FaceSearch faces;
  private final GalleryIndex index;
  private final Path folder;
  private final PhotoLabels labels;
  private final Path added;
  private final boolean kept;
  private final Saver saver;

  private volatile Indexing indexing = new Indexing("none", null, null);
  private volatile People people = new People(-1, List.of());
  private volatile boolean stopping;
  private Thread indexer;
  private long savedVersion;

  private Gallery(Builder b) throws IOException {
    folder = b.folder == null ? null : b.folder.toRealPath();
    labels = folder == null ? null : PhotoLabels.of(folder);
    kept = b.added != null;
    if (kept) {
      Files.createDirectories(b.added);
    }
    added = (kept ? b.added : Files.createTempDirectory("facesearch-added-")).toRealPath();
    saver = b.saver;
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
   * @param photosLeft photos of the person that are still there, which are the operator's
   */
  record Forgotten(ForgetReceipt receipt, int photosDeleted, int photosLeft) {}

  FaceSearch faces() {
    return faces;
  }

  /** The folder that photos come from, or null. */
  Path folder() {
    return folder;
  }

  Path added() {
    return added;
  }

  /** Whether added faces outlive this process. */
  boolean kept() {
    return kept;
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
    if (folder == null || indexer != null) {
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
      save();
      indexing = new Indexing(cancelled ? "stopped" : "done", indexing.progress(), null);
    } catch (IOException | RuntimeException e) {
      LOG.warn("indexing {} failed", folder, e);
      indexing = new Indexing("failed", indexing.progress(), String.valueOf(e.getMessage()));
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
    BoundingBox crop = face.box().square(CROP).clip(photo.width(), photo.height());
    FaceImage image = Pictures.crop(photo, crop);
    int left = (int) crop.x();
    int top = (int) crop.y();
    BoundingBox box =
        new BoundingBox(
            face.box().x() - left, face.box().y() - top, face.box().width(), face.box().height());
    Path file = added.resolve(UUID.randomUUID() + ".jpg");
    Files.write(file, Pictures.jpeg(image.toBufferedImage()));
    FaceRecord record =
        new FaceRecord(file + "#0", person, Optional.of(file.toString()), Optional.of(box));
    try {
      synchronized (this) {
        person.ifPresent(index::welcome);
        index.add(new EmbeddedFace(record, embedding));
        save();
      }
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(file);
      throw e;
    }
    return record;
  }

  /** Removes a face, and its photo if a client had added it; false if there is none of that id. */
  synchronized boolean remove(String id) throws IOException {
    Optional<EmbeddedFace> face = index.get(id);
    if (face.isEmpty() || !index.remove(id)) {
      return false;
    }
    deletePhoto(face.get().face());
    save();
    return true;
  }

  /** Forgets a person; when it returns, no file of ours holds anything of them. */
  synchronized Forgotten forget(String person) throws IOException {
    List<FaceRecord> records = new ArrayList<>();
    for (EmbeddedFace face : index.faces()) {
      if (face.face().concerns(person)) {
        records.add(face.face());
      }
    }
    int deleted = 0;
    for (FaceRecord record : records) {
      deleted += deletePhoto(record) ? 1 : 0;
    }
    ForgetReceipt receipt = index.forget(person);
    save();
    int left =
        (int) records.stream().flatMap(record -> photoOf(record).stream()).distinct().count();
    return new Forgotten(receipt, deleted, left);
  }

  private boolean deletePhoto(FaceRecord face) throws IOException {
    Optional<Path> file = photoOf(face).filter(path -> path.startsWith(added));
    return file.isPresent() && Files.deleteIfExists(file.get());
  }

  /**
   * The photo of a face, if it lies inside the gallery's folder or that of added photos, symbolic
   * links followed: an index may name any file.
   */
  Optional<Path> photoOf(FaceRecord face) {
    if (face.source().isEmpty()) {
      return Optional.empty();
    }
    Optional<Path> known = index.photoOf(face);
    if (known.isPresent()) {
      return known.filter(file -> folder != null && file.startsWith(folder));
    }
    try {
      Path base = folder == null ? added : folder;
      Path file = base.resolve(face.source().get()).toRealPath();
      boolean inside = file.startsWith(added) || (folder != null && file.startsWith(folder));
      return inside && Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    } catch (IOException | InvalidPathException e) {
      return Optional.empty(); // gone, or never a file name
    }
  }

  private synchronized void save() throws IOException {
    long version = index.version();
    if (version != savedVersion) {
      saver.save();
      savedVersion = version;
    }
  }

  /** Stops indexing, saves, and frees the pipeline and the index. */
  @Override
  public void close() throws IOException {
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
    try (index;
        faces) {
      save();
    } finally {
      if (!kept) {
        deleteAdded();
      }
    }
  }

  private void deleteAdded() throws IOException {
    try (var files = Files.list(added)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(added);
  }

  /** Parts of a {@link Gallery}. Not thread-safe. */
  public static final class Builder {
    private final FaceSearch.Builder pipeline;
    private final FaceIndex index;
    private Path folder;
    private Path added;
    private Saver saver = () -> {};

    private Builder(FaceSearch.Builder pipeline, FaceIndex index) {
      this.pipeline = Objects.requireNonNull(pipeline, "pipeline");
      this.index = Objects.requireNonNull(index, "index");
    }

    /**
     * Sets the folder whose photos are indexed and shown; without it, photos of an index are not
     * shown.
     *
     * @param value one subfolder a person, or CelebA with its lists
     * @return this
     */
    public Builder folder(Path value) {
      folder = Objects.requireNonNull(value, "folder");
      return this;
    }

    /**
     * Sets where photos that clients add are kept; without it, until the gallery is closed.
     *
     * @param value made if it does not exist
     * @return this
     */
    public Builder added(Path value) {
      added = Objects.requireNonNull(value, "added");
      return this;
    }

    /**
     * Sets how an index in memory is saved; called after every change but those of a folder run,
     * which is saved at its end.
     *
     * @param value saves the index
     * @return this
     */
    public Builder saver(Saver value) {
      saver = Objects.requireNonNull(value, "saver");
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
