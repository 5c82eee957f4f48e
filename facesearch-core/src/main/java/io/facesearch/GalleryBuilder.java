package io.facesearch;

import io.facesearch.spi.GalleryStorage;
import io.facesearch.spi.IndexProvider;
import io.facesearch.spi.StorageProvider;
import io.facesearch.spi.StorageSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link Gallery}. Not thread-safe. */
public final class GalleryBuilder {
  private @Nullable Path folder;
  private StorageSettings storageSettings = StorageSettings.DEFAULT;
  private @Nullable Path file;
  private @Nullable GalleryStorage storage;
  private @Nullable FaceIndex index;
  private @Nullable FaceAnalyzer shared;
  private FaceAnalyzer.Builder parts = FaceAnalyzer.builder();
  private boolean readOnly;
  private boolean noModel;
  private double rate = 0.01;
  private boolean allFaces = true;
  private boolean bystanders = true;
  private boolean namesFromPhotos;
  private int threads = Runtime.getRuntime().availableProcessors();

  GalleryBuilder() {}

  /**
   * Sets the folder in which the gallery is kept.
   *
   * @param value the folder; created if it does not exist
   * @return this
   */
  public GalleryBuilder folder(Path value) {
    clear();
    folder = Objects.requireNonNull(value, "folder");
    return this;
  }

  private void clear() {
    folder = null;
    file = null;
    storage = null;
    index = null;
  }

  /**
   * Sets the encryption key of a gallery in a folder. A new gallery is encrypted from the start,
   * except for crops of photos, which never are.
   *
   * @param value 16 or 32 bytes (AES-128 or AES-256); copied
   * @return this
   * @throws IllegalArgumentException if it has another length
   */
  public GalleryBuilder key(byte[] value) {
    if (value.length != 16 && value.length != 32) {
      throw new IllegalArgumentException("a key has 16 or 32 bytes, but has: " + value.length);
    }
    storageSettings = storageSettings.key(value);
    return this;
  }

  /**
   * Uses an index file as a read-only gallery. If there is a file of the same name plus {@code
   * .threshold}, its calibrated threshold is used.
   *
   * @param value the file
   * @return this
   */
  public GalleryBuilder file(Path value) {
    clear();
    file = Objects.requireNonNull(value, "file");
    return this;
  }

  /**
   * Sets the storage in which the gallery keeps everything, such as a store with settings of its
   * own.
   *
   * @param value owned by the gallery once {@link #open} succeeds, and closed with it
   * @return this
   */
  public GalleryBuilder storage(GalleryStorage value) {
    clear();
    storage = Objects.requireNonNull(value, "storage");
    return this;
  }

  /**
   * Uses an index as a gallery in memory. An index that is a {@link GalleryStorage} is used as the
   * storage.
   *
   * @param value owned by the gallery once {@link #open} succeeds, and closed with it
   * @return this
   */
  public GalleryBuilder index(FaceIndex value) {
    if (value instanceof GalleryStorage whole) {
      return storage(whole);
    }
    clear();
    index = Objects.requireNonNull(value, "index");
    return this;
  }

  /**
   * Sets the parts and settings of the analyzer that the gallery opens and owns. The default is
   * {@link FaceAnalyzer#builder} with the model that the gallery was built with.
   *
   * @param value built by {@link #open}
   * @return this
   */
  public GalleryBuilder analyzer(FaceAnalyzer.Builder value) {
    parts = Objects.requireNonNull(value, "analyzer");
    shared = null;
    return this;
  }

  /**
   * Sets an analyzer that is shared, for example by several galleries.
   *
   * @param value still owned by the caller, who closes it after the gallery
   * @return this
   */
  public GalleryBuilder analyzer(FaceAnalyzer value) {
    shared = Objects.requireNonNull(value, "analyzer");
    return this;
  }

  /**
   * Opens the gallery without a model, which saves time and memory. Everything that looks at no
   * photo or vector still works, such as lists, names, exports, backups, pruning and forgetting.
   * Everything else throws {@link IllegalStateException}.
   *
   * @return this
   */
  public GalleryBuilder withoutModel() {
    noModel = true;
    return this;
  }

  /**
   * Sets whether the gallery is read-only: nothing is then added, removed, forgotten or deleted. A
   * storage in a folder may still write derived data, such as its search tree and how faces are
   * grouped.
   *
   * @param value true for read-only; default false
   * @return this
   */
  public GalleryBuilder readOnly(boolean value) {
    readOnly = value;
    return this;
  }

  /**
   * Sets the share of strangers who may be given a name; default 0.01. The smaller it is, the more
   * often known people get no name.
   *
   * @param value greater than 0, less than 1
   * @return this
   */
  public GalleryBuilder falsePositiveIdentificationRate(double value) {
    if (!(value > 0 && value < 1)) {
      throw new IllegalArgumentException(
          "falsePositiveIdentificationRate must be greater than 0 and less than 1, but is: "
              + value);
    }
    rate = value;
    return this;
  }

  /**
   * Sets whether all faces of a photo are added (the default) or only one, as for portraits. In a
   * photo of a known person that is the face that gets the name; otherwise {@link
   * FaceAnalyzer.Builder#choice} picks it.
   *
   * @param value true for all faces
   * @return this
   */
  public GalleryBuilder allFaces(boolean value) {
    allFaces = value;
    return this;
  }

  /**
   * Sets whether other faces in a photo of a known person are added without a name, so that a
   * search finds everybody in the photo; default true. If not, only the face that gets the name is
   * added.
   *
   * @param value true to add them
   * @return this
   */
  public GalleryBuilder bystanders(boolean value) {
    bystanders = value;
    return this;
  }

  /**
   * Sets whether faces get the names stored in the photo itself ({@link PhotoPeople}), in
   * preference to that of its folder or of {@link Photo#person}. Indexing a folder again also names
   * the faces of already indexed photos, unless a face in the photo has a name; existing names
   * stay.
   *
   * @param value true to use them; default false
   * @return this
   */
  public GalleryBuilder namesFromPhotos(boolean value) {
    namesFromPhotos = value;
    return this;
  }

  /**
   * Sets the number of threads of bulk runs; default the number of cores. Native code runs
   * single-threaded within each, so more threads than cores gain nothing.
   *
   * @param value 1 to 1,024
   * @return this
   */
  public GalleryBuilder threads(int value) {
    if (value < 1 || value > 1024) {
      throw new IllegalArgumentException("threads must be between 1 and 1024, but is: " + value);
    }
    threads = value;
    return this;
  }

  /**
   * Opens the gallery.
   *
   * @return the gallery, to be closed by the caller
   * @throws ModelMismatchException if the gallery was built with another model than the one chosen,
   *     or its model is not on the class path; a given storage or index stays open then
   * @throws NativeRuntimeException if a native library is missing or does not load
   * @throws FaceSearchException if a module is missing
   * @throws IOException if a file cannot be read or written
   */
  public Gallery open() throws IOException {
    if (folder == null && storageSettings.key().isPresent()) {
      throw new IllegalStateException(
          "a key is for a gallery in a folder, but no folder was set; a storage is opened"
              + " with its own key");
    }
    if (folder != null && readOnly && !Files.exists(folder)) {
      throw new NoSuchFileException(folder.toString(), null, "read-only, so it is not created");
    }
    if (file != null) {
      return open(new MemoryStorage(indexes().load(file)), true);
    }
    if (folder == null && index != null) {
      return open(new MemoryStorage(index), readOnly);
    }
    if (folder == null) {
      return open(storage == null ? new MemoryStorage(indexes().newIndex()) : storage, readOnly);
    }
    GalleryStorage opened =
        DefaultParts.first(StorageProvider.class)
            .orElseThrow(
                () ->
                    new FaceSearchException(
                        "there is no storage for galleries in folders on the class path; add the"
                            + " dependency io.facesearch:facesearch-store, or open a gallery in"
                            + " memory"))
            .open(folder, storageSettings);
    try {
      return open(opened, readOnly);
    } catch (IOException | RuntimeException | Error e) {
      try {
        opened.close();
      } catch (RuntimeException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  private static IndexProvider indexes() {
    return DefaultParts.first(IndexProvider.class)
        .orElseThrow(
            () ->
                new FaceSearchException(
                    "no index is on the class path; add the dependency"
                        + " io.facesearch:facesearch-index, or io.facesearch:facesearch for"
                        + " everything"));
  }

  private Gallery open(GalleryStorage opened, boolean onlyRead) throws IOException {
    if (noModel) {
      return new Gallery(null, false, opened, null, onlyRead, rate, settings(), threads);
    }
    FaceAnalyzer analyzer = shared == null ? parts.build(opened.model().orElse(null)) : shared;
    try {
      requireModel(opened, analyzer.model());
      return new Gallery(
          analyzer,
          shared == null,
          opened,
          threshold(opened, analyzer),
          onlyRead,
          rate,
          settings(),
          threads);
    } catch (IOException | RuntimeException | Error e) {
      if (shared == null) {
        analyzer.close();
      }
      throw e;
    }
  }

  private Enrollment.Settings settings() {
    return new Enrollment.Settings(allFaces, bystanders, namesFromPhotos);
  }

  /** What was set, else what was calibrated for this gallery, else the model's. */
  private DecisionThreshold threshold(GalleryStorage opened, FaceAnalyzer analyzer)
      throws IOException {
    if (analyzer.hasOwnThreshold()) {
      return analyzer.threshold();
    }
    String model = analyzer.model().fingerprint();
    Path beside = file == null ? null : file.resolveSibling(file.getFileName() + ".threshold");
    return beside != null && Files.exists(beside)
        ? DecisionThreshold.load(beside, model)
        : opened.threshold(model).orElse(analyzer.threshold());
  }

  private static void requireModel(FaceIndex index, ModelCard model) {
    if (index.model().isPresent() && !index.model().get().equals(model.fingerprint())) {
      throw new ModelMismatchException(
          "the gallery was built with the model "
              + DefaultParts.describe(index.model().get())
              + ", but the embedder is "
              + model.name()
              + " of fingerprint "
              + model.fingerprint()
              + "; open it with the model it was built with, copy its faces into a gallery"
              + " of this model with reembed, or add the photos again");
    }
  }
}
