package io.facesearch.index;

import com.google.crypto.tink.KeysetHandle;
import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.ForgetReceipt;
import io.facesearch.IndexLockedException;
import io.facesearch.IndexVersionException;
import io.facesearch.IndexWriteException;
import io.facesearch.Metric;
import io.facesearch.PhotoRoot;
import io.facesearch.SearchResult;
import io.facesearch.UnknownFaceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
import java.util.stream.Stream;
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

  private static final String TREE = "faces-%d.tree";
  private static final String NEW_TREE = "faces.tree.new";

  /** Fewer changes than this, or this share of the faces, are soon replayed. */
  private static final int LEAST_TO_SAVE = 1000;

  private static final int SHARE_TO_SAVE = 50;

  /** How often the background looks after the files if nothing else is asked for. */
  private static final Duration ROUND = Duration.ofSeconds(1);

  private final Path folder;
  private final SyncPolicy policy;
  private final FileChannel lock;
  private final FaceDatabase database;
  private final SigmoidTreeIndex index;
  private final Thread background =
      new Thread(null, this::lookAfterFiles, "facesearch-store", 0, false);

  /** Held while the store is closed. */
  private final Object closeLock = new Object();

  /** Held while files are made anew; taken before {@code writeLock}. */
  private final Object fileLock = new Object();

  /** Serialises writers; guards {@code database} and what follows. */
  private final Object writeLock = new Object();

  /** Faces removed since a tree file was begun; null while none is. */
  private List<Long> removedMeanwhile;

  /** Serialises what looks at people; taken before {@code writeLock}. */
  private final Object peopleLock = new Object();

  private final double personDistance;

  /** Null until it is asked for. */
  private FaceClusters people;

  private volatile boolean closed;

  /** Whether something was written that is not known to be on the disk. */
  private volatile boolean dirty;

  /** Why the disk was not forced; null if it was. */
  private volatile IOException syncFailure;

  /**
   * The tree that the tree file holds, or that could not be written; null if there is none. Guarded
   * by fileLock.
   */
  private SplitTree saved;

  private FaceStore(
      Path folder,
      SyncPolicy policy,
      FileChannel lock,
      FaceDatabase database,
      SigmoidTreeIndex index,
      double personDistance) {
    this.folder = folder;
    this.policy = policy;
    this.lock = lock;
    this.database = database;
    this.personDistance = personDistance;
    this.index = index;
    background.setDaemon(true);
  }

  /**
   * Opens the store of a folder, or starts one there, with default settings.
   *
   * @param folder of the store; made if it does not exist
   * @return the store, to be closed by the caller
   * @throws CorruptIndexException if a file is damaged
   * @throws IndexVersionException if this release does not read the version of a file
   * @throws io.facesearch.IndexKeyException if it is encrypted
   * @throws IndexLockedException if the store is open already, here or in another process
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

  private static FaceStore open(Builder settings) throws IOException {
    Path folder = settings.folder;
    Files.createDirectories(folder);
    FileChannel lock = lock(folder.resolve(LOCK));
    FaceDatabase database = null;
    FaceStore store = null;
    try {
      database =
          FaceDatabase.open(
              folder,
              settings.key,
              settings.sync == SyncPolicy.EVERY_WRITE,
              settings.index.metric());
      Loaded loaded = load(folder, database, settings.index);
      FaceStore opened =
          new FaceStore(
              folder, settings.sync, lock, database, loaded.index, settings.personDistance);
      opened.saved = loaded.isTreeOfFile ? opened.tree() : null;
      opened.deleteTrees(database.state().covered() == 0 ? 0 : database.state().generation());
      opened.background.start();
      store = opened;
      return store;
    } finally {
      if (store == null) {
        if (database != null) {
          database.close();
        }
        lock.close();
      }
    }
  }

  private static FileChannel lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Open in this process.
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    if (lock == null) {
      throw new IndexLockedException(
          "the face store "
              + file.getParent()
              + " is open already, in this process or another; close it there first, or share one"
              + " FaceStore between threads");
    }
    return channel;
  }

  private record Loaded(SigmoidTreeIndex index, boolean isTreeOfFile) {}

  /** The index of what the database holds: from the tree file, where there is one, and rows. */
  private static Loaded load(Path folder, FaceDatabase database, SigmoidTreeIndex.Builder settings)
      throws IOException {
    FaceDatabase.State state = database.state();
    Path file = folder.resolve(String.format(TREE, state.generation()));
    SigmoidTreeIndex index = null;
    if (state.covered() > 0 && Files.exists(file)) {
      index = loadTree(file, database, settings);
    } else if (state.covered() > 0) {
      LOG.info("{} is missing; the tree is built anew", file);
    }
    boolean isTreeOfFile = index != null;
    long count;
    long digest;
    long after;
    if (index == null) {
      index = settings.metric(database.space().metric()).build();
      count = 0;
      digest = 0;
      after = 0;
    } else {
      count = state.coveredCount() - database.removed().size();
      digest = state.coveredDigest() - removeAgain(index, database);
      after = state.covered();
    }
    Loading loading = new Loading(database, after == 0 ? state.count() : state.count() - count);
    database.scan(after, loading);
    index.addImmutable(loading.faces(), loading::seq);
    database.checkSum(count + loading.size(), digest + loading.digest());
    byte[] roots = database.roots();
    if (roots != null) {
      try {
        StoredRoots.decode(roots).forEach(index::setRoot);
      } catch (IllegalArgumentException e) {
        throw database.corrupt("the list of folders is wrong: " + e.getMessage(), e);
      }
    }
    return new Loaded(index, isTreeOfFile);
  }

  /** Null if the file is of another version: it is made anew. */
  private static SigmoidTreeIndex loadTree(
      Path file, FaceDatabase database, SigmoidTreeIndex.Builder settings) throws IOException {
    FaceDatabase.State state = database.state();
    SigmoidTreeIndex index;
    try {
      index = settings.load(file, database.seal(), state.generation());
    } catch (IndexVersionException e) {
      LOG.info("{} is of another version; the tree is built anew", file);
      return null;
    } catch (CorruptIndexException e) {
      throw damaged(file, e.getMessage(), e);
    }
    Faces faces = index.state().faces();
    for (int i = 0; i < faces.size(); i++) {
      if (faces.number(i) <= (i == 0 ? 0 : faces.number(i - 1))
          || faces.number(i) > state.covered()) {
        throw damaged(file, "face " + i + " has the number " + faces.number(i), null);
      }
    }
    if (index.size() != state.coveredCount() || !index.state().space().equals(database.space())) {
      throw damaged(
          file,
          "it has " + index.size() + " faces, not the " + state.coveredCount() + " it should",
          null);
    }
    return index;
  }

  private static CorruptIndexException damaged(Path file, String what, Throwable cause) {
    return new CorruptIndexException(
        "the tree file "
            + file
            + " is damaged: "
            + what
            + "; it may be deleted: it is made anew from "
            + FaceDatabase.FILE
            + ", and nothing is lost",
        cause);
  }

  /** Removes what was removed since the tree file was written; returns the sum of its digests. */
  private static long removeAgain(SigmoidTreeIndex index, FaceDatabase database) {
    long digest = 0;
    Faces faces = index.state().faces();
    int ordinal = 0;
    for (long seq : database.removed()) {
      while (ordinal < faces.size() && faces.number(ordinal) < seq) {
        ordinal++;
      }
      if (ordinal == faces.size()
          || faces.number(ordinal) != seq
          || index.number(faces.get(ordinal).id()) != seq) {
        throw database.corrupt("row " + seq + " of removed is no face of the tree file", null);
      }
      String id = faces.get(ordinal).id();
      digest += FaceDatabase.digest(seq, FaceCodec.encode(index.get(id).orElseThrow()));
      index.remove(id);
    }
    return digest;
  }

  /** Rows as they are read, without an object for each vector. */
  private static final class Loading implements FaceDatabase.RowVisitor {
    private final FaceDatabase database;
    private final int dimension;
    private final long[] seqs;
    private final FaceRecord[] records;
    private final float[] vectors;
    private final Set<String> ids = new HashSet<>();
    private int size;
    private long digest;

    Loading(FaceDatabase database, long expected) {
      this.database = database;
      dimension = database.space().dimension();
      int most = (int) Math.max(0, Math.min(expected, database.state().count()));
      seqs = new long[most];
      records = new FaceRecord[most];
      vectors = new float[most * dimension];
    }

    @Override
    public void row(long seq, byte[] plain) {
      if (size == seqs.length) {
        throw database.corrupt("it has more than the " + size + " rows it should", null);
      }
      seqs[size] = seq;
      records[size] = database.decode(seq, plain, vectors, size * dimension);
      digest += FaceDatabase.digest(seq, plain);
      if (!ids.add(records[size].id())) {
        throw database.corrupt("the id of row " + seq + " of faces occurs twice", null);
      }
      size++;
    }

    int size() {
      return size;
    }

    long digest() {
      return digest;
    }

    long seq(int i) {
      return seqs[i];
    }

    List<EmbeddedFace> faces() {
      return new FaceList(
          database.space().model(),
          size,
          i -> records[i],
          i -> Arrays.copyOfRange(vectors, i * dimension, (i + 1) * dimension));
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
    List<EmbeddedFace> added = Space.kept(List.copyOf(faces), index.metric());
    if (added.isEmpty()) {
      return;
    }
    List<byte[]> rows = new ArrayList<>(added.size());
    for (EmbeddedFace face : added) {
      rows.add(FaceCodec.encode(face));
    }
    synchronized (writeLock) {
      ensureWritable();
      Space space = spaceOf(added);
      space.check(added, index.size());
      index.state().ids().requireNew(added);
      long first = database.write(new long[0], List.of(), rows, space);
      index.addImmutable(added, i -> first + i);
      dirty = true;
    }
  }

  private Space spaceOf(List<EmbeddedFace> faces) {
    Space space = database.space();
    return space.dimension() == 0 ? Space.of(faces.get(0).embedding(), space.metric()) : space;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IndexWriteException if the disk is full or fails; nothing was changed then
   */
  @Override
  public void update(EmbeddedFace face) {
    List<EmbeddedFace> added = Space.kept(List.of(face), index.metric());
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
    List<EmbeddedFace> added = Space.kept(List.copyOf(faces), index.metric());
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
      Space space = database.space();
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
    if (removedMeanwhile != null) {
      removedMeanwhile.add(seq);
    }
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
          deleteOldTrees();
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
   * @throws java.util.concurrent.CancellationException if the thread is interrupted; what was done
   *     is kept for the next call
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

  private void refreshPeople() {
    ensureOpen();
    if (people == null) {
      byte[] saved;
      synchronized (writeLock) {
        ensureOpen();
        saved = database.people();
      }
      people = saved == null ? new FaceClusters(personDistance) : decodePeople(saved);
    }
    boolean isDone = people.update(index);
    savePeople();
    if (!isDone) {
      throw new CancellationException("interrupted while grouping faces into people");
    }
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
      database.rewrite(keep, key, sameKey, savedPeople);
      saved = null;
    } catch (IOException e) {
      throw new IndexWriteException(
          database.file()
              + " could not be rewritten ("
              + e.getMessage()
              + "); free space and repeat",
          e);
    }
  }

  /** None belongs to a database that was just rewritten. */
  private void deleteOldTrees() {
    try {
      deleteTrees(0);
    } catch (IOException e) {
      throw new IndexWriteException(
          "an old tree file in "
              + folder
              + " could not be deleted ("
              + e.getMessage()
              + "); make the folder writable and repeat",
          e);
    }
  }

  /** Deletes tree files but that of a generation. */
  private void deleteTrees(long but) throws IOException {
    Files.deleteIfExists(folder.resolve(NEW_TREE));
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (FaceDatabase.TREES.matcher(name).matches() && !name.equals(String.format(TREE, but))) {
          Files.delete(file);
        }
      }
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
        deleteOldTrees();
      }
    }
  }

  @Override
  public SearchResult search(Embedding query, int k) {
    ensureOpen();
    return index.search(query, k);
  }

  @Override
  public SearchResult search(Embedding query, int k, FaceFilter filter) {
    ensureOpen();
    return index.search(query, k, filter);
  }

  /**
   * Finds near faces within a budget; see {@link SigmoidTreeIndex#search(Embedding, int,
   * SearchBudget)}.
   *
   * @param query a vector of the same model
   * @param k how many, at least 1
   * @param budget what may be left out
   * @return nearest first; equal distances in order of insertion
   * @throws io.facesearch.ModelMismatchException if model or dimension differ from those of the
   *     index
   * @throws IllegalArgumentException if k is less than 1
   */
  public SearchResult search(Embedding query, int k, SearchBudget budget) {
    ensureOpen();
    return index.search(query, k, budget);
  }

  /**
   * Finds all faces within a distance; see {@link SigmoidTreeIndex#within}.
   *
   * @param query a vector of the same model
   * @param distance the greatest distance in the {@link #metric()}, 0 or more; the bound itself is
   *     included
   * @return nearest first; equal distances in order of insertion
   * @throws io.facesearch.ModelMismatchException if model or dimension differ from those of the
   *     index
   * @throws IllegalArgumentException if the distance is negative or NaN
   */
  public SearchResult within(Embedding query, double distance) {
    ensureOpen();
    return index.within(query, distance);
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
    return index.stats();
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
    } catch (IOException e) {
      syncFailure = e;
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
        SplitTree tree = tree();
        if (tree != null && tree.size() > LEAST_TO_SAVE) {
          synchronized (fileLock) {
            if (tree != saved) {
              saveTree();
            }
          }
        }
      }
    } catch (InterruptedException e) {
      LOG.warn("the thread that looks after {} was interrupted", folder);
    }
  }

  /** False when the store is closed. */
  private boolean pause(Duration round) throws InterruptedException {
    synchronized (background) {
      if (!closed) {
        background.wait(round.toMillis());
      }
      return !closed;
    }
  }

  private SplitTree tree() {
    SigmoidTreeIndex.Vectors vectors = index.state().vectors();
    return vectors == null ? null : vectors.tree();
  }

  /**
   * Writes the tree file, so that the next opening need not build the tree. Call it with fileLock
   * but without writeLock: writers go on meanwhile.
   */
  private void saveTree() {
    SnapshotIndex.State<SigmoidTreeIndex.Vectors> state;
    FaceDatabase.State then;
    synchronized (writeLock) {
      state = index.state();
      then = database.state();
      removedMeanwhile = new ArrayList<>();
    }
    // Not again before there is another tree, also if it fails.
    saved = state.vectors().tree();
    long generation = then.generation() + 1;
    try {
      if (state.faces().size() <= IdTable.MOST) {
        TreeFile.write(
            folder.resolve(String.format(TREE, generation)),
            folder.resolve(NEW_TREE),
            state,
            index.settings(),
            database.seal(),
            generation);
        synchronized (writeLock) {
          removedMeanwhile.removeIf(seq -> seq >= then.nextSeq());
          database.derived(generation, then, removedMeanwhile);
          dirty = true;
        }
        deleteTrees(generation);
      }
    } catch (IOException | FaceSearchException e) {
      LOG.warn("the tree could not be written; opening {} will take longer", folder, e);
    } finally {
      synchronized (writeLock) {
        removedMeanwhile = null;
      }
    }
  }

  /** Whether opening would have to replay much. */
  private boolean isWorthSaving() {
    FaceDatabase.State state = database.state();
    if (saved == null) {
      return tree() != null && index.size() > LEAST_TO_SAVE;
    }
    long changes = state.nextSeq() - 1 - state.covered() + database.removed().size();
    return tree() != null && changes > Math.max(LEAST_TO_SAVE, index.size() / SHARE_TO_SAVE);
  }

  /**
   * Checks everything: every page and row of the database against its checksum, and the faces
   * against those in memory. Writers wait meanwhile, searches do not; costs reading the whole
   * store.
   *
   * @return what was checked
   * @throws CorruptIndexException naming the first damage found
   */
  public StoreReport verify() {
    synchronized (fileLock) {
      synchronized (writeLock) {
        ensureOpen();
        long start = System.nanoTime();
        database.checkPages();
        Space space = database.space();
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
        long tree = verifyTree();
        try {
          return new StoreReport(
              read[0],
              database.bytes() + tree,
              database.seal().hides(),
              Duration.ofNanos(System.nanoTime() - start));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  /** Reads the tree file, if there is one; returns its size. */
  private long verifyTree() {
    FaceDatabase.State state = database.state();
    Path file = folder.resolve(String.format(TREE, state.generation()));
    if (state.covered() == 0 || !Files.exists(file)) {
      return 0;
    }
    try {
      TreeFile.read(file, index.settings(), database.seal(), state.generation());
      return Files.size(file);
    } catch (CorruptIndexException e) {
      throw damaged(file, e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
      awaitBackground();
      synchronized (fileLock) {
        index.close();
        if (isWorthSaving()) {
          saveTree();
        }
        force();
        database.close();
        try {
          lock.close();
        } catch (IOException e) {
          LOG.warn("the lock of {} could not be given back", folder, e);
        }
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
    private SigmoidTreeIndex.Builder index = SigmoidTreeIndex.builder();
    private double personDistance = 0.5;

    private Builder(Path folder) {
      this.folder = folder.toAbsolutePath().normalize();
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
     * @param distance L2, above 0; the default, 0.5, suits the bundled model
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public Builder personDistance(double distance) {
      FaceClusters.checkDistance(distance);
      personDistance = distance;
      return this;
    }

    /**
     * Sets how the index in memory is made.
     *
     * @param settings their metric holds for a new store; one that exists keeps its own
     * @return this
     */
    public Builder index(SigmoidTreeIndex.Builder settings) {
      index = Objects.requireNonNull(settings, "settings");
      return this;
    }

    /**
     * Opens the store, or starts it.
     *
     * @return the store, to be closed by the caller
     * @throws CorruptIndexException if a file is damaged
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
