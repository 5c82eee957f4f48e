package io.facesearch.store;

import io.facesearch.CorruptIndexException;
import io.facesearch.FaceRecord;
import io.facesearch.IndexWriteException;
import io.facesearch.index.internal.codec.FaceCodec;
import io.facesearch.index.internal.file.Seal;
import io.facesearch.index.internal.snapshot.VectorSpace;
import io.facesearch.internal.AtomicFile;
import io.facesearch.internal.FileClaim;
import io.facesearch.internal.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The faces of a {@link FaceStore} in a SQLite database: what is here is true. One row a face, in
 * order of insertion, and nothing that finds a row by its contents: ids are mapped in memory.
 * {@code docs/STORE.md} describes it.
 *
 * <p>Not thread-safe, but for {@link #sync}.
 */
final class FaceDatabase implements AutoCloseable {
  static final String FILE = "faces.db";
  static final String LOG = FILE + "-wal";
  static final String NEW = FILE + ".new";

  private final DatabaseFile file;
  private final boolean everyWrite;

  /** Guards the log's existence: it is made and deleted by this class, and forced by any thread. */
  private final Object files = new Object();

  private StoreIdentity identity;
  private VectorSpace space;
  private StoreState state;

  /** Null while nothing is open. */
  private @Nullable DatabaseTables tables;

  private final CommitMark mark;

  /** Commits that SQLite has made. */
  private volatile long committed;

  /** What was left undone, so that nothing more may be written; null if nothing. */
  private @Nullable Exception broken;

  /** Why the name of a rewritten file was not forced to the disk; null if it was. */
  private @Nullable IOException unforced;

  /**
   * Begins to use a database that {@link DatabaseOpening} has opened.
   *
   * @param file closed with this, as are tables and mark
   * @param everyWrite whether each transaction waits for the disk
   */
  FaceDatabase(
      DatabaseFile file,
      DatabaseTables tables,
      StoreDescription found,
      CommitMark mark,
      boolean everyWrite) {
    this.file = file;
    this.tables = tables;
    this.mark = mark;
    this.everyWrite = everyWrite;
    identity = found.identity();
    space = found.space();
    state = found.state();
    committed = state.commits();
  }

  /** Makes a file of an older version one of the present. */
  void setVersion() {
    transaction(state.touched(), tables -> tables.setVersion(DatabaseFile.VERSION));
  }

  /** What {@link #people(byte[])} wrote last, or null. */
  byte @Nullable [] people() {
    return optional(StoreMeta.PEOPLE, "the list of people");
  }

  void people(byte[] plain) {
    replace(StoreMeta.PEOPLE, plain);
  }

  /** What {@link #roots(byte[])} wrote last, or null. */
  byte @Nullable [] roots() {
    return optional(StoreMeta.ROOTS, "the list of folders");
  }

  void roots(byte[] plain) {
    replace(StoreMeta.ROOTS, plain);
  }

  private byte @Nullable [] optional(int row, String what) {
    try {
      byte[] sealed = tables().meta(row);
      return sealed == null ? null : identity.unseal(sealed, row, 0, what, file);
    } catch (SQLException e) {
      throw SqlFailures.of(file, "read", e);
    }
  }

  private void replace(int row, byte[] plain) {
    transaction(state.touched(), tables -> tables.putMeta(row, seal().seal(plain, row, 0)));
  }

  Path file() {
    return file.path();
  }

  /** Who the store is; only what it is sealed with may change. */
  StoreIdentity identity() {
    return identity;
  }

  private Seal seal() {
    return identity.seal();
  }

  /** Model "" and dimension 0 while nothing was added. */
  VectorSpace space() {
    return space;
  }

  StoreState state() {
    return state;
  }

  /**
   * Removes rows and adds others behind all there were, in one transaction.
   *
   * @param removed seqs of rows
   * @param old what these rows hold
   * @param added in the form of {@link FaceCodec}
   * @param newSpace of the added
   * @return the seq of the first row added
   */
  long write(long[] removed, List<byte[]> old, List<byte[]> added, VectorSpace newSpace) {
    long first = state.nextSeq();
    long digest = state.digest();
    for (int i = 0; i < removed.length; i++) {
      digest -= StoreState.digest(removed[i], old.get(i));
    }
    for (int i = 0; i < added.size(); i++) {
      digest += StoreState.digest(first + i, added.get(i));
    }
    StoreState next =
        state.withRows(state.count() - removed.length + added.size(), digest, first + added.size());
    transaction(
        next,
        tables -> {
          for (long seq : removed) {
            tables.delete(seq);
            if (seq <= state.covered()) {
              tables.noteRemoved(seq);
            }
          }
          long seq = first;
          for (byte[] plain : added) {
            tables.insert(seq, seal().seal(plain, StoreMeta.FACE, seq));
            seq++;
          }
          if (!newSpace.equals(space)) {
            tables.putMeta(
                StoreMeta.SPACE, seal().seal(StoreMeta.encode(newSpace), StoreMeta.SPACE, 0));
          }
        });
    space = newSpace;
    return first;
  }

  /**
   * Says which derived file belongs to the rows.
   *
   * @param generation greater than any before
   * @param then the state when it was begun: it holds all of that
   * @param removed seqs of that state that were removed since
   */
  void derived(long generation, StoreState then, List<Long> removed) {
    transaction(
        state.withDerived(generation, then),
        tables -> {
          tables.clearRemoved();
          for (long seq : removed) {
            tables.noteRemoved(seq);
          }
        });
  }

  FaceRecord decode(long seq, byte[] plain, float[] target, int offset) {
    try {
      return FaceCodec.decode(plain, target, offset, space.dimension());
    } catch (IllegalArgumentException e) {
      throw corrupt("row " + seq + " of faces is not a face: " + e.getMessage(), e);
    }
  }

  /** Compares all rows with what there should be. */
  void checkSum(long count, long digest) {
    if (count != state.count() || digest != state.digest()) {
      throw corrupt(
          "it should have "
              + state.count()
              + " rows with the sum "
              + Long.toHexString(state.digest())
              + ", but has "
              + count
              + " with "
              + Long.toHexString(digest),
          null);
    }
  }

  private interface Work {
    void run(DatabaseTables tables) throws SQLException;
  }

  /** All of it, with the state that comes of it, or nothing. */
  private void transaction(StoreState next, Work work) {
    DatabaseTables target = tables();
    boolean done = false;
    try {
      target.begin();
      work.run(target);
      target.putMeta(StoreMeta.STATE, seal().seal(next.encode(), StoreMeta.STATE, 0));
      target.commit();
      done = true;
    } catch (SQLException e) {
      throw SqlFailures.of(file, "written", e);
    } finally {
      if (!done) {
        rollBack(target);
      }
    }
    state = next;
    committed = next.commits();
    try {
      if (everyWrite) {
        mark.forced(committed);
      } else {
        mark.made(committed);
      }
    } catch (IOException e) {
      // This change is there, but damage of it would not be found.
      broken = e;
    }
  }

  /** What is open and in order. */
  private DatabaseTables tables() {
    DatabaseTables open = tables;
    if (broken != null || open == null) {
      throw new IndexWriteException(
          file() + " could not be left in order after an earlier failure; close and open it again",
          broken);
    }
    return open;
  }

  private void rollBack(DatabaseTables target) {
    try {
      target.rollBack();
    } catch (SQLException e) {
      broken = e;
    }
  }

  /** Passes rows with a seq greater than {@code after}, in order. */
  void scan(long after, DatabaseTables.RowVisitor target) {
    try {
      tables()
          .scan(
              after,
              state.nextSeq(),
              (seq, data) ->
                  target.row(
                      seq,
                      identity.unseal(
                          data, StoreMeta.FACE, seq, "row " + seq + " of faces", file)));
    } catch (SQLException e) {
      throw SqlFailures.of(file, "read", e);
    }
  }

  /** Seqs of faces that the derived file holds, but that were removed since; ascending. */
  List<Long> removed() {
    try {
      return tables().removed(state.covered());
    } catch (SQLException e) {
      throw SqlFailures.of(file, "read", e);
    }
  }

  /** Has SQLite check every page, and checks what is not a face, as it is on the disk. */
  void checkPages() throws IOException {
    DatabaseTables open = tables();
    Path gone = displaced();
    if (gone != null) {
      throw corrupt(gone.getFileName() + " was deleted or replaced while the store was open", null);
    }
    file.checkHead();
    try {
      open.checkPages();
      new StoreDescription(identity, space, state).check(open, file);
      people();
    } catch (SQLException e) {
      throw SqlFailures.of(file, "checked", e);
    }
  }

  /** What was deleted or replaced while the store was open; null if nothing. */
  private @Nullable Path displaced() {
    Path gone = file.displaced();
    return gone == null && !mark.isInPlace() ? mark.path() : gone;
  }

  /**
   * Forces what was written to the disk; thread-safe.
   *
   * @throws IOException also if it was written to a file that was deleted or replaced
   */
  void sync() throws IOException {
    synchronized (files) {
      long commits = committed;
      try {
        PrivateFiles.force(file.log());
      } catch (NoSuchFileException e) {
        // Nothing was written since it was made part of the database.
      }
      mark.forced(commits);
      // Not after the lock was given back: a rewrite opens other files.
      Path gone = displaced();
      if (gone != null) {
        throw new IOException(gone + " was deleted or replaced while the store was open");
      }
    }
  }

  /**
   * Writes the rows to a new file, which takes the place of the old one: nothing of the rows left
   * out is in it. A crash leaves the old file or the new one.
   *
   * @param keep which rows are kept
   * @param key encrypts the new file; null for no encryption
   * @param sameKey keeps the data key; {@code key} then does not matter
   * @param people takes the place of {@link #people()}; null for none
   */
  void rewrite(
      Predicate<byte[]> keep, @Nullable StoreKey key, boolean sameKey, byte @Nullable [] people)
      throws IOException {
    tables();
    Path temporary = file.temporary();
    try {
      StoreIdentity next = sameKey ? identity : StoreIdentity.create(identity.id(), key);
      StoreState copied = copy(temporary, keep, next, people);
      PrivateFiles.force(temporary);
      synchronized (files) {
        requireInPlace();
        disconnect();
        try {
          replace(temporary, next, copied);
        } finally {
          tables = DatabaseTables.open(file, everyWrite);
        }
      }
    } catch (SQLException e) {
      throw SqlFailures.of(file, "rewritten", e);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Nothing may take the place of a file that is not the one that was read. */
  private void requireInPlace() {
    if (!file.isInPlace()) {
      throw new IndexWriteException(
          file()
              + " was deleted or replaced while the store was open, so it is left as it is; close"
              + " the store, and see what replaced it");
    }
  }

  private void replace(Path temporary, StoreIdentity newIdentity, StoreState next)
      throws IOException {
    if (Files.exists(file.log())) {
      throw new IndexWriteException(
          "the log "
              + file.log()
              + " could not be written into "
              + file()
              + "; free space and repeat");
    }
    requireInPlace();
    Object made = FileClaim.key(temporary);
    try {
      AtomicFile.replace(temporary, file());
    } catch (IOException e) {
      if (!made.equals(FileClaim.key(file()))) {
        throw e;
      }
      unforced = e;
    }
    identity = newIdentity;
    state = next;
    committed = next.commits();
    file.close();
    file.open();
    mark.forced(committed);
  }

  /** Tells, once, that a rewritten file is there, but was not forced to the disk. */
  void throwUnforced() {
    IOException e = unforced;
    unforced = null;
    if (e != null) {
      throw new IndexWriteException(
          file() + " was rewritten, but is not safe from a loss of power: " + e.getMessage(), e);
    }
  }

  private StoreState copy(
      Path target, Predicate<byte[]> keep, StoreIdentity next, byte @Nullable [] people)
      throws IOException, SQLException {
    try (DatabaseWriter out = new DatabaseWriter(target, next.seal())) {
      scan(
          0,
          (seq, plain) -> {
            if (keep.test(plain)) {
              try {
                out.row(seq, plain);
              } catch (SQLException e) {
                throw SqlFailures.of(file, "rewritten", e);
              }
            }
          });
      StoreState copied = state.rewritten(out.count(), out.digest());
      out.finish(next.header(), space, copied, people, roots());
      return copied;
    }
  }

  CorruptIndexException corrupt(String what, @Nullable Throwable cause) {
    return file.corrupt(what, cause);
  }

  private void disconnect() {
    try (DatabaseTables closing = tables) {
      tables = null;
    } catch (SQLException e) {
      broken = e;
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (files) {
      try {
        disconnect();
      } finally {
        try (CommitMark closing = mark) {
          file.close();
        }
      }
    }
  }

  /** The bytes of the database and its log on disk. */
  long bytes() throws IOException {
    return file.bytes();
  }
}
