package io.facesearch.store;

import com.google.crypto.tink.KeysetHandle;
import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.ForgetReceipt;
import io.facesearch.GalleryComposition;
import io.facesearch.Grouping;
import io.facesearch.IndexLockedException;
import io.facesearch.IndexVersionException;
import io.facesearch.IndexWriteException;
import io.facesearch.Metric;
import io.facesearch.Person;
import io.facesearch.PhotoRoot;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.UnknownFaceException;
import io.facesearch.index.IndexStats;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.index.internal.codec.FaceCodec;
import io.facesearch.index.internal.snapshot.SnapshotIndex;
import io.facesearch.index.internal.snapshot.VectorSpace;
import io.facesearch.index.internal.tree.BuilderAccess;
import io.facesearch.index.internal.tree.TreeIndex;
import io.facesearch.index.internal.tree.TreeStats;
import io.facesearch.internal.FaceClusters;
import io.facesearch.internal.LockedFile;
import io.facesearch.internal.PrivateFiles;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An index that lives in a folder: what a method stored before it returned is there after a crash.
 * Searches run in memory, in a {@link SigmoidTreeIndex}; each change is first committed to a
 * database (SQLite) and then made in memory. {@code docs/STORE.md} describes the files and why they
 * are what they are.
 *
 * <pre>{@code
 * try (FaceStore store = FaceStore.open(Path.of("faces"))) {
 *   store.add(face);
 *   store.search(query, 10);
 *   store.forget("Ann");
 * }
 * }</pre>
 *
 * <p>What survives: the end of the process, kill -9 included, takes nothing that was stored; a loss
 * of power takes what {@link SyncPolicy} allows, and never leaves half a face. A full disk fails
 * the call with {@link IndexWriteException} and leaves what was stored before.
 *
 * <p>With a key, everything in the files is encrypted (AES-256-GCM). Vectors and records are in
 * plain in the memory of the process.
 *
 * <p>Thread-safe as {@link FaceIndex} asks for: searches take no lock and never wait for the disk;
 * writers take turns. One process at a time has a folder open. The caller closes the store.
 *
 * <p>Cost beside that of the tree: adding writes about 5 KB and the vectors to the log of the
 * database; {@link #forget} and {@link #rotateKey} write everything anew.
 */
public final class FaceStore implements FaceIndex {
  private static final Logger LOG = LoggerFactory.getLogger(FaceStore.class);
  static final String LOCK = "lock";

  /** Of CelebA's people: B-cubed precision .98, recall .86 by SFace. */
  private static final double UNIT_PERSON_DISTANCE = 1.05;

  private static final double OTHER_PERSON_DISTANCE = 0.5;

  /** How often the background looks after the files if nothing else is asked for. */
  private static final Duration ROUND = Duration.ofSeconds(1);

  private final Path folder;
  private final SyncPolicy policy;
  private final LockedFile lock;
  private final FaceDatabase database;
  private final TreeIndex index;
  private final StoreTree tree;
  private final Thread background =
      new Thread(null, this::lookAfterFiles, "facesearch-store", 0, false);

  /** Held while the store is closed. */
  private final Object closeLock = new Object();

  /** Held while files are made anew; taken before {@code writeLock}. */
  private final Object fileLock = new Object();

  /** Serializes writers; guards {@code database} and what follows. */
  private final Object writeLock = new Object();

  /** Serializes what looks at people; taken before {@code writeLock}. */
  private final Object peopleLock = new Object();

  /** 0 for the default. */
  private final double personDistance;

  /** Null until it is asked for. */
  private FaceClusters people;

  /** Whether that is empty and not kept. */
  private boolean nobodyYet;

  private volatile boolean closed;

  /** Whether something was written that is not known to be on the disk. */
  private volatile boolean dirty;

  /** Why the disk was not forced; null if it was. */
  private volatile IOException syncFailure;

  private FaceStore(
      Path folder,
      SyncPolicy policy,
      LockedFile lock,
      FaceDatabase database,
      StoreLoader.Loaded loaded,
      double personDistance) {
    this.folder = folder;
    this.policy = policy;
    this.lock = lock;
    this.database = database;
    this.personDistance = personDistance;
    index = loaded.index();
    tree = new StoreTree(folder, database, index, writeLock, loaded.isTreeOfFile());
    background.setDaemon(true);
  }

  /**
   * Opens the store of a folder, or starts one there, with default settings.
   *
   * @param folder of the store; made if it does not exist
   * @return the store, to be closed by the caller
   * @throws CorruptIndexException if a file is damaged; {@link io.facesearch.LostChangesException}
   *     if changes that were stored are missing
   * @throws IndexVersionException if this release does not read the version of a file
   * @throws io.facesearch.IndexKeyException if it is encrypted
   * @throws IndexLockedException if the store is open already, here or in another process
   * @throws IndexWriteException if the folder cannot be written to, or the disk is full: a store is
   *     written to even to be searched
   * @throws IOException if a file cannot be read or written
   */
  public static FaceStore open(Path folder) throws IOException {
    return builder(folder).open();
  }

  /**
   * Starts to open the store of a folder.
   *
   * @param folder of the store; made if it does not exist
   * @return a builder with default settings
   */
  public static Builder builder(Path folder) {
    return new Builder(folder);
  }

  private static LockedFile lock(Path folder) throws IOException {
    Path file = folder.resolve(LOCK);
    try {
      return LockedFile.open(file);
    } catch (FileSystemException e) {
      throw new IndexWriteException(
          "the face store "
              + folder
              + " cannot be opened, as its file "
              + LOCK
              + " cannot be written ("
              + (e.getReason() == null ? e.getClass().getSimpleName() : e.getReason())
              + "): a store is written to even to be searched; make the folder writable, or copy it"
              + " to where it can be written, and open the copy",
          e);
    }
  }

  private static FaceStore open(Builder settings) throws IOException {
    // Its real path, so that ".." after a link leads where the system says.
    Path folder = PrivateFiles.createFolders(settings.folder).toRealPath();
    LockedFile lock = lock(folder);
    if (lock == null) {
      throw new IndexLockedException(
          "the face store "
              + folder
              + " is open already, in this process or another; close it there first, or share one"
              + " FaceStore between threads");
    }
    FaceDatabase database = null;
    FaceStore store = null;
    try {
      database =
          FaceDatabase.open(
              folder,
              settings.key,
              settings.sync == SyncPolicy.EVERY_WRITE,
              settings.salvage,
              settings.index.metric());
      FaceStore opened =
          new FaceStore(
              folder,
              settings.sync,
              lock,
              database,
              StoreLoader.load(folder, database, settings.index),
              settings.personDistance);
      StoreState state = database.state();
      opened.tree.deleteAllBut(state.covered() == 0 ? 0 : state.generation());
      opened.background.start();
      store = opened;
      return store;
    } finally {
      if (store == null) {
        try (LockedFile closedLast = lock;
            FaceDatabase closedFirst = database) {
          LOG.debug("{} was not opened", folder);
        }
      }
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IndexWriteException if the disk is full or fails; nothing was added then
   * @throws IllegalArgumentException if a text of a face is no valid Unicode
   */
  @Override
  public void addAll(List<EmbeddedFace> faces) {
    List<EmbeddedFace> added = VectorSpace.kept(List.copyOf(faces), index.metric());
    if (added.isEmpty()) {
      return;
    }
    List<byte[]> rows = new ArrayList<>(added.size());
    for (EmbeddedFace face : added) {
      rows.add(FaceCodec.encode(face));
    }
    synchronized (writeLock) {
      ensureWritable();
      VectorSpace space = spaceOf(added);
      space.check(added, index.size());
      index.state().ids().requireNew(added);
      long first = database.write(new long[0], List.of(), rows, space);
      index.addImmutable(added, i -> first + i);
      dirty = true;
    }
  }

  private VectorSpace spaceOf(List<EmbeddedFace> faces) {
    VectorSpace space = database.space();
    return space.dimension() == 0
        ? VectorSpace.of(faces.get(0).embedding(), space.metric())
        : space;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IndexWriteException if the disk is full or fails; nothing was changed then
   */
  @Override
  public void update(EmbeddedFace face) {
    List<EmbeddedFace> added = VectorSpace.kept(List.of(face), index.metric());
    byte[] row = FaceCodec.encode(added.get(0));
    synchronized (writeLock) {
      ensureWritable();
      String id = face.face().id();
      long seq = index.number(id);
      if (seq < 0) {
        throw new UnknownFaceException(
            "no face with id \"" + id + "\" is in the index, so it cannot be updated; add it");
      }
      database.space().check(added, 0);
      long next =
          database.write(
              new long[] {seq},
              List.of(FaceCodec.encode(index.get(id).orElseThrow())),
              List.of(row),
              database.space());
      index.updateImmutable(added, next);
      wasRemoved(seq);
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IndexWriteException if the disk is full or fails; nothing was removed then
   */
  @Override
  public boolean remove(String id) {
    synchronized (writeLock) {
      ensureWritable();
      long seq = index.number(id);
      if (seq < 0) {
        return false;
      }
      database.write(
          new long[] {seq},
          List.of(FaceCodec.encode(index.get(id).orElseThrow())),
          List.of(),
          database.space());
      index.remove(id);
      wasRemoved(seq);
      return true;
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IndexWriteException if the disk is full or fails; nothing was changed then
   * @throws IllegalArgumentException if a text of a face is no valid Unicode
   */
  @Override
  public void replaceAll(Set<String> ids, List<EmbeddedFace> faces) {
    List<EmbeddedFace> added = VectorSpace.kept(List.copyOf(faces), index.metric());
    List<byte[]> rows = new ArrayList<>(added.size());
    for (EmbeddedFace face : added) {
      rows.add(FaceCodec.encode(face));
    }
    synchronized (writeLock) {
      ensureWritable();
      if (ids.isEmpty() && added.isEmpty()) {
        return;
      }
      long[] seqs = new long[ids.size()];
      List<byte[]> old = new ArrayList<>(ids.size());
      for (String id : ids) {
        long seq = index.number(id);
        if (seq < 0) {
          throw SnapshotIndex.unknown(id);
        }
        seqs[old.size()] = seq;
        old.add(FaceCodec.encode(index.get(id).orElseThrow()));
      }
      VectorSpace space = database.space();
      if (!added.isEmpty()) {
        space = spaceOf(added);
        space.check(added, index.size());
        index.state().ids().requireNew(added, ids);
      }
      long first = database.write(seqs, old, rows, space);
      index.replaceImmutable(ids, added, i -> first + i);
      dirty = true;
      for (long seq : seqs) {
        wasRemoved(seq);
      }
    }
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
    synchronized (writeLock) {
      ensureWritable();
      if (!root.folder().equals(index.roots().get(root.name()))) {
        Map<String, Path> roots = new TreeMap<>(index.roots());
        roots.put(root.name(), root.folder());
        database.roots(StoredRoots.encode(roots));
        index.setRoot(root);
        dirty = true;
      }
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IndexWriteException if the disk is full or fails
   */
  @Override
  public void removeRoot(String name) {
    synchronized (writeLock) {
      ensureWritable();
      Map<String, Path> roots = new TreeMap<>(index.roots());
      if (roots.remove(name) != null) {
        database.roots(StoredRoots.encode(roots));
        index.removeRoot(name);
        dirty = true;
      }
    }
  }

  private void wasRemoved(long seq) {
    dirty = true;
    tree.wasRemoved(seq);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The files are written anew without the person, and the old ones deleted, before it returns;
   * so what was removed or updated earlier leaves no trace either. If it fails, repeat it: only a
   * receipt says that it is done. Copies and backups made before, and what the disk keeps of
   * deleted files, are beyond its reach: for those, use a key and {@link #rotateKey}.
   *
   * <p>Faces whose record names nobody stay, even if {@link #people} takes them for that person;
   * {@link #forget(Person)} removes them too.
   *
   * @throws IndexWriteException if the disk is full or fails
   */
  @Override
  public ForgetReceipt forget(String person) {
    return forget(person, face -> face.concerns(person));
  }

  /**
   * Removes all faces that were grouped as a person, and those that bear its name, as {@link
   * #forget(String)} does. Faces that came since {@link #people} was asked are removed only if they
   * bear the name.
   *
   * @param person one of {@link #people}
   * @return what was done; it tells the name of the person, or the id if there is none
   * @throws IndexWriteException if the disk is full or fails
   */
  public ForgetReceipt forget(Person person) {
    Set<String> ids = Set.copyOf(person.faceIds());
    return forget(
        person.name().orElse(person.id()),
        face -> ids.contains(face.id()) || person.name().filter(face::concerns).isPresent());
  }

  private ForgetReceipt forget(String person, Predicate<FaceRecord> whose) {
    synchronized (peopleLock) {
      synchronized (fileLock) {
        synchronized (writeLock) {
          ensureWritable();
          Set<String> kept = new HashSet<>();
          for (EmbeddedFace face : index.faces()) {
            if (!whose.test(face.face())) {
              kept.add(face.face().id());
            }
          }
          byte[] grouped = database.people();
          if (grouped != null) {
            FaceClusters others = decodePeople(grouped);
            others.forget(person, kept);
            grouped = others.encode();
          }
          people = null;
          float[] vector = new float[database.space().dimension()];
          rewrite(
              plain -> kept.contains(database.decode(0, plain, vector, 0).id()),
              null,
              true,
              grouped);
          ForgetReceipt receipt = index.forget(person, whose);
          tree.delete();
          database.throwUnforced();
          return new ForgetReceipt(person, Instant.now(), receipt.faces(), receipt.stateHash());
        }
      }
    }
  }

  /**
   * Groups all faces into people. Faces that have a person by their record are of that person; the
   * others are grouped by their distances (average linkage within {@link Builder#personDistance}),
   * those first that came first. A person keeps its id as long as it has faces. The first call
   * costs one search for each face; later ones, one for each face that is new.
   *
   * @return those with most faces first
   * @throws IndexWriteException if the disk is full or fails
   * @throws CorruptIndexException if what was kept of people is damaged
   * @throws CancellationException if the thread is interrupted; what was done is kept for the next
   *     call
   */
  public List<Person> people() {
    synchronized (peopleLock) {
      refreshPeople();
      return people.people();
    }
  }

  /**
   * Makes two people one, for good.
   *
   * @param first id of a person
   * @param second id of another
   * @return the person that both are now
   * @throws IllegalArgumentException if there is no such person, or both have names
   * @throws IndexWriteException if the disk is full or fails
   */
  public Person merge(String first, String second) {
    synchronized (peopleLock) {
      refreshPeople();
      Person merged = people.merge(first, second);
      savePeople();
      return merged;
    }
  }

  /**
   * Makes some faces of a person another person, for good: the two never become one again unless
   * they are merged.
   *
   * @param person id of the person
   * @param faceIds some but not all of its faces, none with a person by its record
   * @return the new person
   * @throws IllegalArgumentException if there is no such person, or the faces are not as said
   * @throws IndexWriteException if the disk is full or fails
   */
  public Person split(String person, Collection<String> faceIds) {
    synchronized (peopleLock) {
      refreshPeople();
      Person other = people.split(person, faceIds, index);
      savePeople();
      return other;
    }
  }

  /**
   * How the faces were grouped by the last {@link #people}, {@link #merge} or {@link #split}.
   * Changes nothing, and costs no search.
   *
   * @return empty if they never were
   * @throws CorruptIndexException if what was kept of people is damaged
   */
  public Optional<Grouping> grouping() {
    synchronized (peopleLock) {
      return Optional.ofNullable(savedPeople()).map(FaceClusters::encode).map(Grouping::new);
    }
  }

  /**
   * Takes over the people of another store that has faces of the same ids, such as the one that
   * this one is made of with another model: their ids, faces and corrections. What this store knew
   * of people is dropped. Faces that this store alone has are grouped by the next {@link #people};
   * an empty store takes nothing.
   *
   * @param grouping of the other store
   * @throws IndexWriteException if the disk is full or fails
   */
  public void takeGrouping(Grouping grouping) {
    FaceClusters taken = FaceClusters.decode(grouping.encoded());
    synchronized (peopleLock) {
      ensureOpen();
      if (index.size() > 0) {
        people = taken.withVectorsOf(index, startDistance());
        savePeople();
      }
    }
  }

  /** Null if there are none. */
  private FaceClusters savedPeople() {
    ensureOpen();
    if (nobodyYet) {
      nobodyYet = false;
      people = null;
    }
    if (people != null) {
      return people;
    }
    byte[] saved;
    synchronized (writeLock) {
      ensureOpen();
      saved = database.people();
    }
    return saved == null ? null : decodePeople(saved);
  }

  private void refreshPeople() {
    people = savedPeople();
    boolean isNew = people == null;
    if (isNew) {
      people = new FaceClusters(startDistance());
    }
    boolean isDone = people.update(index);
    if (isNew && isDone && people.people().isEmpty()) {
      nobodyYet = true; // the distance depends on the first face
      return;
    }
    savePeople();
    if (!isDone) {
      throw new CancellationException("interrupted while grouping faces into people");
    }
  }

  /** The two networks of facesearch differ in the norm of their vectors. */
  private double startDistance() {
    if (personDistance > 0) {
      return personDistance;
    }
    List<EmbeddedFace> faces = index.faces();
    double norm = 0;
    if (!faces.isEmpty()) {
      for (float v : faces.get(0).embedding().toArray()) {
        norm += (double) v * v;
      }
    }
    return Math.abs(norm - 1) < 1e-3 ? UNIT_PERSON_DISTANCE : OTHER_PERSON_DISTANCE;
  }

  private FaceClusters decodePeople(byte[] saved) {
    try {
      return FaceClusters.decode(saved);
    } catch (IllegalArgumentException e) {
      throw database.corrupt("the list of people is wrong: " + e.getMessage(), e);
    }
  }

  private void savePeople() {
    byte[] bytes = people.encode();
    synchronized (writeLock) {
      ensureWritable();
      if (!Arrays.equals(bytes, database.people())) {
        database.people(bytes);
        dirty = true;
      }
    }
  }

  private void rewrite(Predicate<byte[]> keep, StoreKey key, boolean sameKey, byte[] savedPeople) {
    try {
      requireInPlace();
      database.rewrite(keep, key, sameKey, savedPeople);
    } catch (IOException e) {
      throw new IndexWriteException(
          database.file()
              + " could not be rewritten ("
              + e.getMessage()
              + "); free space and repeat",
          e);
    }
  }

  /**
   * Encrypts everything anew with another key, or for the first time. Costs reading and writing the
   * whole store; writers wait meanwhile, searches do not. After it returned the old key opens
   * nothing in the folder.
   *
   * @param newKey 16 or 32 bytes (AES-128 or AES-256); copied
   * @throws IllegalArgumentException if the key has another length
   * @throws IndexWriteException if the disk is full or fails; the old key is still the key then
   */
  public void rotateKey(byte[] newKey) {
    rotate(StoreKey.of(newKey));
  }

  /**
   * Encrypts everything anew with the keys of another keyset; see {@link #rotateKey(byte[])}.
   *
   * @param newKeys for authenticated encryption (AEAD)
   * @throws IllegalArgumentException if the keys are for something else
   * @throws IndexWriteException if the disk is full or fails; the old key is still the key then
   */
  public void rotateKey(KeysetHandle newKeys) {
    rotate(StoreKey.of(newKeys));
  }

  private void rotate(StoreKey key) {
    synchronized (fileLock) {
      synchronized (writeLock) {
        ensureWritable();
        rewrite(plain -> true, key, false, database.people());
        tree.delete();
        database.throwUnforced();
      }
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>As {@link SigmoidTreeIndex#search(Embedding, Search)} does.
   */
  @Override
  public SearchResult search(Embedding query, Search request) {
    ensureOpen();
    return index.search(query, request);
  }

  /**
   * {@inheritDoc}
   *
   * <p>As {@link SigmoidTreeIndex#searchAll} does.
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

  /**
   * Tells how large the index in memory is; O(1).
   *
   * @return the figures of the present state
   */
  public IndexStats stats() {
    TreeStats now = index.stats();
    return new IndexStats(now.faces(), now.leaves(), now.vectorBytes(), now.bytes(), now.kernel());
  }

  /**
   * Forces everything stored so far to the disk, whatever the {@link SyncPolicy}.
   *
   * @throws IndexWriteException if the disk fails
   */
  public void sync() {
    ensureOpen();
    force();
    throwSyncFailure();
  }

  private void force() {
    dirty = false;
    try {
      database.sync();
      requireInPlace();
    } catch (IOException e) {
      syncFailure = e;
    }
  }

  /** Without its lock another process may open the store. */
  private void requireInPlace() throws IOException {
    if (!lock.isInPlace()) {
      throw new IOException(
          folder.resolve(LOCK) + " was deleted or replaced while the store was open");
    }
  }

  private void throwSyncFailure() {
    if (syncFailure != null) {
      throw new IndexWriteException(
          "the disk failed to keep what "
              + database.file()
              + " was given ("
              + syncFailure.getMessage()
              + "); close the store, mend the disk, and check the store with verify",
          syncFailure);
    }
  }

  /** Forces to the disk what the policy says, and writes trees that were built. */
  private void lookAfterFiles() {
    Duration round = policy.interval().filter(d -> d.compareTo(ROUND) < 0).orElse(ROUND);
    long syncs = policy.interval().map(Duration::toNanos).orElse(Long.MAX_VALUE);
    long last = System.nanoTime();
    try {
      while (pause(round)) {
        if (dirty && System.nanoTime() - last >= syncs) {
          last = System.nanoTime();
          force();
        }
        synchronized (fileLock) {
          dirty |= tree.saveIfNew();
        }
      }
    } catch (RuntimeException | Error e) {
      // Without it nothing would be forced any more: the next writer is told.
      syncFailure = new IOException("the thread that looks after the files stopped: " + e, e);
      LOG.error(
          "the thread that looks after the store stopped ({}); the next change will tell why",
          e.getClass().getSimpleName());
      LOG.debug("the thread that looks after {} stopped", folder, e);
    }
  }

  /** False when the store is closed. */
  private boolean pause(Duration round) {
    synchronized (background) {
      if (!closed) {
        try {
          background.wait(round.toMillis());
        } catch (InterruptedException e) {
          // Whoever interrupts all threads does not close the store: it goes on.
          return !closed;
        }
      }
      return !closed;
    }
  }

  /**
   * Checks everything: every page and row of the database against its checksum, and the faces
   * against those in memory. Writers wait meanwhile, searches do not; costs reading the whole
   * store.
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
        try {
          long start = System.nanoTime();
          if (!lock.isInPlace()) {
            throw database.corrupt(
                "its lock was deleted or replaced while the store was open", null);
          }
          database.checkPages();
          VectorSpace space = database.space();
          List<EmbeddedFace> faces = index.faces();
          float[] vector = new float[space.dimension()];
          int[] read = {0};
          long[] digest = {0};
          database.scan(
              0,
              (seq, plain) -> {
                FaceRecord record = database.decode(seq, plain, vector, 0);
                EmbeddedFace face = new EmbeddedFace(record, Embedding.of(space.model(), vector));
                if (read[0] >= faces.size() || !faces.get(read[0]).equals(face)) {
                  throw database.corrupt(
                      "row " + seq + " of faces is not what the index in memory has", null);
                }
                digest[0] += FaceDatabase.digest(seq, plain);
                read[0]++;
              });
          database.checkSum(read[0], digest[0]);
          long bytes = database.bytes() + tree.verify();
          return new StoreReport(
              read[0], bytes, database.seal().hides(), Duration.ofNanos(System.nanoTime() - start));
        } catch (NoSuchFileException e) {
          throw new CorruptIndexException(
              "the face store "
                  + folder
                  + " is damaged: "
                  + e.getMessage()
                  + " was deleted while it was verified; restore it from a copy",
              e);
        } catch (IOException e) {
          throw new FaceSearchException(
              "the face store "
                  + folder
                  + " could not be read to be verified ("
                  + e.getMessage()
                  + "); mend the disk and repeat",
              e);
        }
      }
    }
  }

  /**
   * Writes a copy of the store to a folder of its own: the state at one moment of this call, whole.
   * Others go on to search and write meanwhile; writers wait only for the moment. The copy is a
   * store: to restore it, open it, or put it in the place of the old folder; an encrypted store's
   * copy opens with the same key. It is readable by its owner alone. The folder has its name only
   * when everything is on the disk; a process that is stopped before leaves {@code
   * .facesearch-*.tmp} beside it, which the next backup there deletes.
   *
   * <p>Costs writing all faces once. Copy no open store by hand: its files do not change at one
   * moment, and on POSIX systems a process that reads its own store's files as such loses its locks
   * of them.
   *
   * @param target a new or empty folder; folders above it are made
   * @throws java.nio.file.DirectoryNotEmptyException if the folder is not empty
   * @throws IndexWriteException if the copy cannot be written
   * @throws IOException if the folder cannot be made, or is something else
   */
  public void backup(Path target) throws IOException {
    StoreBackup backup;
    synchronized (writeLock) {
      ensureOpen();
      backup =
          new StoreBackup(
              database.id(),
              database.header(),
              database.seal(),
              database.space(),
              database.state(),
              database.people(),
              database.roots(),
              index.state());
    }
    try {
      backup.write(target, index);
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

  /** The folder of the store. */
  Path folder() {
    return folder;
  }

  private void ensureOpen() {
    if (closed) {
      throw new IllegalStateException("the face store " + folder + " is closed");
    }
  }

  private void ensureWritable() {
    ensureOpen();
    throwSyncFailure();
  }

  /**
   * Forces everything to the disk and gives the folder free. May be called twice.
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
        awaitBackground();
        synchronized (fileLock) {
          index.close();
          tree.saveIfWorth();
          force();
        }
      } catch (IOException e) {
        throw new IndexWriteException(
            "the face store "
                + folder
                + " could not be closed in order ("
                + e.getMessage()
                + "); check it with verify",
            e);
      }
      throwSyncFailure();
    }
  }

  /** Keeps an interrupt. */
  private void awaitBackground() {
    boolean interrupted = false;
    while (background.isAlive()) {
      try {
        synchronized (background) {
          background.notifyAll();
        }
        background.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "FaceStore[" + folder + ", " + size() + " faces]";
  }

  /** Settings of a {@link FaceStore}. Not thread-safe. */
  public static final class Builder {
    private final Path folder;
    private SyncPolicy sync = SyncPolicy.interval(Duration.ofSeconds(1));
    private StoreKey key;
    private TreeIndex.Builder index = TreeIndex.builder();
    private double personDistance;
    private boolean salvage;

    private Builder(Path folder) {
      this.folder = folder.toAbsolutePath();
    }

    /**
     * Sets when writes are forced to the disk.
     *
     * @param policy the default is {@code SyncPolicy.interval} of one second
     * @return this
     */
    public Builder sync(SyncPolicy policy) {
      sync = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /**
     * Sets the key that the store is encrypted with. A new store is encrypted from its beginning;
     * the default is no encryption.
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
     * Sets the keys that the store is encrypted with, as a keyset of Tink.
     *
     * @param keys for authenticated encryption (AEAD)
     * @return this
     * @throws IllegalArgumentException if the keys are for something else
     */
    public Builder key(KeysetHandle keys) {
      key = StoreKey.of(keys);
      return this;
    }

    /**
     * Sets how far the faces of a person may lie apart, as the root of the mean squared distance;
     * see {@link FaceStore#people}. A store that has grouped its faces keeps the distance it did so
     * with.
     *
     * @param distance L2, above 0; the default suits SFace (1.05 where the vectors of the store are
     *     unit vectors) and dlib's network (0.5 where they are not)
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public Builder personDistance(double distance) {
      FaceClusters.checkDistance(distance);
      personDistance = distance;
      return this;
    }

    /**
     * Sets whether a store that has lost changes is opened with those that are left, instead of
     * {@link io.facesearch.LostChangesException}. What is left is the state after one of its
     * changes; those that followed are gone for good once it is open.
     *
     * @param on the default is false
     * @return this
     */
    public Builder salvage(boolean on) {
      salvage = on;
      return this;
    }

    /**
     * Sets how the index in memory is made.
     *
     * @param settings their metric holds for a new store; one that exists keeps its own
     * @return this
     */
    public Builder index(SigmoidTreeIndex.Builder settings) {
      index = BuilderAccess.settings(Objects.requireNonNull(settings, "settings"));
      return this;
    }

    /**
     * Opens the store, or starts it.
     *
     * @return the store, to be closed by the caller
     * @throws CorruptIndexException if a file is damaged; {@link
     *     io.facesearch.LostChangesException} if changes that were stored are missing
     * @throws IndexVersionException if this release does not read the version of a file
     * @throws io.facesearch.IndexKeyException if the key is wrong, missing, or not needed
     * @throws IndexLockedException if the store is open already, here or in another process
     * @throws IOException if a file cannot be read or written
     */
    public FaceStore open() throws IOException {
      return FaceStore.open(this);
    }
  }
}
