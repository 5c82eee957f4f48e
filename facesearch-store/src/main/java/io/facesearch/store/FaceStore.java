package io.facesearch.store;

import com.google.crypto.tink.KeysetHandle;
import io.facesearch.CorruptIndexException;
import io.facesearch.DecisionThreshold;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.ForgetReceipt;
import io.facesearch.GalleryComposition;
import io.facesearch.IndexLockedException;
import io.facesearch.IndexVersionException;
import io.facesearch.IndexWriteException;
import io.facesearch.KeptPhotos;
import io.facesearch.Metric;
import io.facesearch.Person;
import io.facesearch.PhotoRoot;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.index.IndexStats;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.index.internal.tree.BuilderAccess;
import io.facesearch.index.internal.tree.TreeIndex;
import io.facesearch.index.internal.tree.TreeStats;
import io.facesearch.internal.FaceClusters;
import io.facesearch.internal.LockedFile;
import io.facesearch.spi.GalleryStorage;
import io.facesearch.spi.PeopleGrouping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A persistent index in a folder: every change survives a crash once its method has returned.
 * Searches run in memory, in a {@link SigmoidTreeIndex}; each change is first committed to a
 * database (SQLite) and then made in memory. {@code docs/STORE.md} describes the files and the
 * reasons for their design.
 *
 * <pre>{@code
 * try (FaceStore store = FaceStore.open(Path.of("faces"))) {
 *   store.add(face);
 *   store.search(query, 10);
 *   store.forget("Ann");
 * }
 * }</pre>
 *
 * <p>Durability: the end of the process, including kill -9, loses nothing that was stored. A loss
 * of power loses at most what {@link SyncPolicy} allows, and never leaves half a face. If the disk
 * is full, the call fails with {@link IndexWriteException}, and everything stored before is intact.
 *
 * <p>With a key, everything in the files is encrypted (AES-256-GCM), except crops of photos.
 * Vectors and records are unencrypted in the memory of the process.
 *
 * <p>Thread-safe as required by {@link io.facesearch.FaceIndex}: searches take no locks and never
 * wait for the disk; writers take turns. Only one process at a time can have a folder open. The
 * caller closes the store.
 *
 * <p>Cost in addition to that of the tree: adding writes about 5 KB plus the vectors to the log of
 * the database; {@link #forget} and {@link #rotateKey} rewrite everything.
 */
public final class FaceStore implements GalleryStorage {
  static final String LOCK = "lock";

  /** Hidden, so that nobody who indexes a folder above the store takes them for his photos. */
  static final String PHOTOS = ".photos";

  /** What was calibrated for its photos. */
  static final String THRESHOLD = "threshold";

  private final Path folder;
  private final LockedFile lock;
  private final FaceDatabase database;
  private final TreeIndex index;
  private final StoreTree tree;

  /** Held while the store is closed. */
  private final Object closeLock = new Object();

  /** Held while files are made anew; taken before {@code writeLock}. */
  private final Object fileLock = new Object();

  /** Serializes writers; guards {@code database} and what follows. */
  private final Object writeLock = new Object();

  /** Its lock is taken before all others. */
  private final PeopleGrouping people;

  private final KeptPhotos photos;
  private final StoreSettings settings;
  private final StoreUpkeep upkeep;
  private final StoreChanges changes;
  private volatile boolean closed;

  FaceStore(
      Path folder,
      SyncPolicy policy,
      LockedFile lock,
      FaceDatabase database,
      StoreLoader.Loaded loaded,
      double personDistance) {
    this.folder = folder;
    this.lock = lock;
    this.database = database;
    index = loaded.index();
    tree = new StoreTree(folder, database, index, writeLock, loaded.isTreeOfFile());
    people = new PeopleGrouping(index, personDistance, new PeopleKeeper());
    photos = new KeptPhotoFolder(folder.resolve(PHOTOS));
    settings = new StoreSettings(folder);
    upkeep = new StoreUpkeep(folder, policy, lock, database, tree, fileLock);
    changes =
        new StoreChanges(database, index, tree, upkeep, fileLock, writeLock, this::ensureWritable);
  }

  /**
   * Opens the store in a folder, or creates one there, with default settings.
   *
   * @param folder created if it does not exist
   * @return the store; the caller closes it
   * @throws CorruptIndexException if a file is damaged; {@link io.facesearch.LostChangesException}
   *     if changes that were stored are missing
   * @throws IndexVersionException if a file has a version that this release does not read
   * @throws io.facesearch.IndexKeyException if the store is encrypted
   * @throws IndexLockedException if the store is already open, in this or another process
   * @throws IndexWriteException if the folder cannot be written to, or the disk is full; even a
   *     store that is only searched is written to
   * @throws IOException if a file cannot be read or written
   */
  public static FaceStore open(Path folder) throws IOException {
    return builder(folder).open();
  }

  /**
   * Returns a builder that opens the store in a folder, or creates one there.
   *
   * @param folder created if it does not exist
   * @return a builder with default settings
   */
  public static Builder builder(Path folder) {
    return new Builder(folder);
  }

  /** Begins to look after the files; called once. */
  void start() throws IOException {
    StoreState state = database.state();
    tree.deleteAllBut(state.covered() == 0 ? 0 : state.generation());
    upkeep.start();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IndexWriteException if the disk is full or fails; nothing is added then
   * @throws IllegalArgumentException if a text of a face is not valid Unicode
   */
  @Override
  public void addAll(List<EmbeddedFace> faces) {
    changes.replaceAll(Set.of(), faces);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IndexWriteException if the disk is full or fails; nothing is changed then
   */
  @Override
  public void update(EmbeddedFace face) {
    changes.update(face);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IndexWriteException if the disk is full or fails; nothing is removed then
   */
  @Override
  public boolean remove(String id) {
    return changes.remove(id);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IndexWriteException if the disk is full or fails; nothing is changed then
   * @throws IllegalArgumentException if a text of a face is not valid Unicode
   */
  @Override
  public void replaceAll(Set<String> ids, List<EmbeddedFace> faces) {
    changes.replaceAll(ids, faces);
  }

  @Override
  public Map<String, Path> roots() {
    ensureOpen();
    return index.roots();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IndexWriteException if the disk is full or fails
   */
  @Override
  public void setRoot(PhotoRoot root) {
    changes.setRoot(root);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IndexWriteException if the disk is full or fails
   */
  @Override
  public void removeRoot(String name) {
    changes.removeRoot(name);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Before this method returns, the files are rewritten without the person and the old ones
   * deleted, so faces that were removed or updated earlier leave no trace either. If it fails,
   * repeat it: only a receipt confirms that it is done. It cannot reach earlier copies and backups,
   * or what remains of deleted files on the disk; against those, use a key and {@link #rotateKey}.
   *
   * <p>Faces without a name in other photos stay, even if {@link #people} groups them with that
   * person; {@link #forget(Person)} removes those as well.
   *
   * @throws IndexWriteException if the disk is full or fails
   */
  @Override
  public ForgetReceipt forget(String person) {
    return forget(person, person, face -> face.concerns(person));
  }

  /**
   * Removes all faces that are grouped as a person, and all faces with its name, as {@link
   * #forget(String)} does. Faces that were added since the call of {@link #people} are removed only
   * if they have the name.
   *
   * @param person one of {@link #people}
   * @return what was done; it has the name of the person, or the id if there is no name
   * @throws IndexWriteException if the disk is full or fails
   */
  @Override
  public ForgetReceipt forget(Person person) {
    Set<String> ids = Set.copyOf(person.faceIds());
    return forget(
        person.name().orElse(person.id()),
        person.name().orElse(null), // another may be called as its id is
        face -> ids.contains(face.id()) || person.name().filter(face::concerns).isPresent());
  }

  /**
   * Forgets faces.
   *
   * @param person for the receipt
   * @param name that goes; null for none
   */
  private ForgetReceipt forget(String person, @Nullable String name, Predicate<FaceRecord> whose) {
    return people.forgetting(cut -> changes.forget(person, name, whose, cut));
  }

  /**
   * {@inheritDoc}
   *
   * <p>The grouping is stored in the database: its methods throw {@link IndexWriteException} if the
   * disk is full or fails, and {@link CorruptIndexException} if the stored grouping is damaged.
   * Faces without a name are grouped within {@link Builder#personDistance}.
   */
  @Override
  public PeopleGrouping peopleGrouping() {
    ensureOpen();
    return people;
  }

  /** Keeps people in the database. */
  private final class PeopleKeeper implements PeopleGrouping.Keeper {
    @Override
    public byte @Nullable [] load() {
      synchronized (writeLock) {
        ensureOpen();
        return database.people();
      }
    }

    @Override
    public RuntimeException damaged(IllegalArgumentException cause) {
      return database.corrupt("the list of people is wrong: " + cause.getMessage(), cause);
    }

    @Override
    public void save(byte[] encoded) {
      changes.savePeople(encoded);
    }
  }

  @Override
  public KeptPhotos photos() {
    return photos;
  }

  @Override
  public Map<String, String> settings() {
    ensureOpen();
    return settings.read();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IndexWriteException if the settings cannot be written; the earlier ones are then
   *     unchanged
   */
  @Override
  public void setSettings(Map<String, String> values) {
    synchronized (writeLock) {
      ensureWritable();
      settings.write(values);
    }
  }

  @Override
  public Optional<DecisionThreshold> threshold(String model) throws IOException {
    Path file = folder.resolve(THRESHOLD);
    return Files.exists(file) ? Optional.of(DecisionThreshold.load(file, model)) : Optional.empty();
  }

  @Override
  public boolean isDurable() {
    return true;
  }

  /**
   * Encrypts everything again with another key, or for the first time. Costs reading and writing
   * the whole store; writers wait meanwhile, searches do not. Once this has returned, the old key
   * opens nothing in the folder.
   *
   * @param newKey 16 or 32 bytes (AES-128 or AES-256); copied
   * @throws IllegalArgumentException if the key has another length
   * @throws IndexWriteException if the disk is full or fails; the old key is then still valid
   */
  public void rotateKey(byte[] newKey) {
    changes.rotate(StoreKey.of(newKey));
  }

  /**
   * Encrypts everything again with the keys of another keyset; see {@link #rotateKey(byte[])}.
   *
   * @param newKeys for authenticated encryption (AEAD)
   * @throws IllegalArgumentException if the keys are for another purpose
   * @throws IndexWriteException if the disk is full or fails; the old key is then still valid
   */
  public void rotateKey(KeysetHandle newKeys) {
    changes.rotate(StoreKey.of(newKeys));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Works like {@link SigmoidTreeIndex#search(Embedding, Search)}.
   */
  @Override
  public SearchResult search(Embedding query, Search request) {
    ensureOpen();
    return index.search(query, request);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Works like {@link SigmoidTreeIndex#searchAll}.
   */
  @Override
  public List<SearchResult> searchAll(List<Embedding> queries, Search request) {
    ensureOpen();
    return index.searchAll(queries, request);
  }

  @Override
  public Optional<EmbeddedFace> get(String id) {
    ensureOpen();
    return index.get(id);
  }

  @Override
  public List<EmbeddedFace> faces() {
    ensureOpen();
    return index.faces();
  }

  @Override
  public List<EmbeddedFace> faces(String person) {
    ensureOpen();
    return index.faces(person);
  }

  @Override
  public GalleryComposition composition() {
    return index.composition();
  }

  @Override
  public int size() {
    return index.size();
  }

  @Override
  public Optional<String> model() {
    return index.model();
  }

  @Override
  public Metric metric() {
    return index.metric();
  }

  /** {@return the current size of the index in memory; O(1)} */
  public IndexStats stats() {
    TreeStats now = index.stats();
    return new IndexStats(
        now.faces(), now.leaves(), now.vectorBytes(), now.bytes(), now.mappedBytes(), now.kernel());
  }

  /**
   * Forces everything stored so far to the disk, whatever the {@link SyncPolicy}.
   *
   * @throws IndexWriteException if the disk fails
   */
  public void sync() {
    ensureOpen();
    upkeep.force();
    upkeep.throwFailure();
  }

  /**
   * Checks the whole store: every page and row of the database against its checksum, and the faces
   * against those in memory. Costs reading everything; writers wait meanwhile, searches do not.
   *
   * @return what was checked
   * @throws CorruptIndexException naming the first damage found; also if a file is gone
   * @throws CancellationException if the thread is interrupted while the tree file is read
   * @throws FaceSearchException if a file cannot be read
   */
  public StoreReport verify() {
    synchronized (fileLock) {
      synchronized (writeLock) {
        ensureOpen();
        return StoreVerification.verify(folder, lock, database, index, tree);
      }
    }
  }

  /**
   * Writes a complete copy of the store to a new folder: its state at one moment during this call.
   * Other threads search and write meanwhile; writers wait only briefly. The copy is a store
   * itself: to restore it, open it, or move it to the place of the old folder; if the store is
   * encrypted, the copy opens with the same key. It is readable only by the current user. The
   * folder gets its name only when everything is on the disk; a process that is killed before that
   * leaves {@code .facesearch-*.tmp} beside it, which the next backup there deletes.
   *
   * <p>Costs writing all faces once. Do not copy the files of an open store by hand: they do not
   * change atomically, and on POSIX systems a process that opens and closes the files of its own
   * store loses its locks on them.
   *
   * @param target a new or empty folder; missing parent folders are created
   * @throws java.nio.file.DirectoryNotEmptyException if the folder is not empty
   * @throws IndexWriteException if the copy cannot be written
   * @throws IOException if the folder cannot be created, or is not a folder
   */
  @Override
  public void backup(Path target) throws IOException {
    StoreBackup backup;
    synchronized (writeLock) {
      ensureOpen();
      backup =
          new StoreBackup(
              database.identity(),
              database.space(),
              database.state(),
              database.people(),
              database.roots(),
              index.state());
    }
    try {
      backup.write(target, index, folder);
    } catch (SQLException e) {
      throw new IndexWriteException(
          "the backup of "
              + folder
              + " could not be written to "
              + target
              + " ("
              + e.getMessage()
              + "); nothing is left there; free space and repeat",
          e);
    }
  }

  private void ensureOpen() {
    if (closed) {
      throw new IllegalStateException("the face store " + folder + " is closed");
    }
  }

  private void ensureWritable() {
    ensureOpen();
    upkeep.throwFailure();
  }

  /**
   * Forces everything to the disk and releases the folder. Calling this again does nothing.
   *
   * @throws IndexWriteException if the disk fails
   */
  @Override
  public void close() {
    synchronized (closeLock) {
      synchronized (writeLock) {
        if (closed) {
          return;
        }
        closed = true;
      }
      // Closed in any case, from the last to the first.
      try (LockedFile closedLast = lock;
          FaceDatabase closedFirst = database) {
        upkeep.stop();
        synchronized (fileLock) {
          index.close();
          tree.saveIfWorth();
          upkeep.force();
        }
      } catch (IOException e) {
        throw new IndexWriteException(
            "the face store "
                + folder
                + " could not be closed in order ("
                + e.getMessage()
                + "); check it with verify",
            e);
      } finally {
        index.release();
      }
      upkeep.throwFailure();
    }
  }

  @Override
  public String toString() {
    return "FaceStore[" + folder + ", " + size() + " faces]";
  }

  /** Settings of a {@link FaceStore}. Not thread-safe. */
  public static final class Builder {
    final Path folder;
    SyncPolicy sync = SyncPolicy.interval(Duration.ofSeconds(1));
    @Nullable StoreKey key;
    TreeIndex.Builder index = TreeIndex.builder();
    double personDistance;
    boolean salvage;

    private Builder(Path folder) {
      this.folder = folder.toAbsolutePath();
    }

    /**
     * Sets when writes are forced to the disk.
     *
     * @param policy default {@code SyncPolicy.interval} of one second
     * @return this
     */
    public Builder sync(SyncPolicy policy) {
      sync = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /**
     * Sets the encryption key of the store. A new store is encrypted from the start. The default is
     * no encryption.
     *
     * @param key 16 or 32 bytes (AES-128 or AES-256); copied
     * @return this
     * @throws IllegalArgumentException if the key has another length
     */
    public Builder key(byte[] key) {
      this.key = StoreKey.of(key);
      return this;
    }

    /**
     * Sets the encryption keys of the store, as a Tink keyset.
     *
     * @param keys for authenticated encryption (AEAD)
     * @return this
     * @throws IllegalArgumentException if the keys are for another purpose
     */
    public Builder key(KeysetHandle keys) {
      key = StoreKey.of(keys);
      return this;
    }

    /**
     * Sets how far apart the faces of a person may be, as a root mean square distance; see {@link
     * FaceStore#people}. A store that has already grouped its faces keeps the distance that it
     * used.
     *
     * @param distance L2 distance, above 0; the default is 1.05 if the vectors of the store are
     *     unit vectors, which suits SFace, otherwise 0.5, which suits dlib's network
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public Builder personDistance(double distance) {
      FaceClusters.checkDistance(distance);
      personDistance = distance;
      return this;
    }

    /**
     * Sets whether a store that has lost changes is opened with what remains, instead of throwing
     * {@link io.facesearch.LostChangesException}. What remains is the state after one of its
     * changes; later changes are lost forever once the store is open.
     *
     * @param on default false
     * @return this
     */
    public Builder salvage(boolean on) {
      salvage = on;
      return this;
    }

    /**
     * Sets the settings of the index in memory.
     *
     * @param settings the settings; their metric applies to a new store, while an existing one
     *     keeps its own
     * @return this
     */
    public Builder index(SigmoidTreeIndex.Builder settings) {
      index = BuilderAccess.settings(Objects.requireNonNull(settings, "settings"));
      return this;
    }

    /**
     * Opens the store, or creates it.
     *
     * @return the store; the caller closes it
     * @throws CorruptIndexException if a file is damaged; {@link
     *     io.facesearch.LostChangesException} if changes that were stored are missing
     * @throws IndexVersionException if a file has a version that this release does not read
     * @throws io.facesearch.IndexKeyException if the key is wrong, missing, or not needed
     * @throws IndexLockedException if the store is already open, in this or another process
     * @throws IOException if a file cannot be read or written
     */
    public FaceStore open() throws IOException {
      return StoreOpening.open(this);
    }
  }
}
