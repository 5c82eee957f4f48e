package io.facesearch.store;

import com.google.crypto.tink.KeysetHandle;
import io.facesearch.CorruptIndexException;
import io.facesearch.FaceRecord;
import io.facesearch.IndexKeyException;
import io.facesearch.IndexWriteException;
import io.facesearch.Metric;
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
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

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

  /** Rows of {@code meta}, and kinds of what is sealed. */
  static final int HEADER = 0;

  static final int STATE = 1;
  static final int SPACE = 2;
  static final int FACE = 3;
  static final int PEOPLE = 4;
  static final int ROOTS = 5;

  /** Takes rows. */
  interface RowVisitor {
    void row(long seq, byte[] plain);
  }

  private final Path folder;
  private final DatabaseFile file;
  private final boolean everyWrite;

  /** Guards the log's existence: it is made and deleted by this class, and forced by any thread. */
  private final Object files = new Object();

  private UUID id;
  private Seal seal;
  private VectorSpace space;
  private StoreState state;
  private @Nullable Connection connection;
  private PreparedStatement begin;
  private PreparedStatement commit;
  private PreparedStatement insert;
  private PreparedStatement delete;
  private PreparedStatement note;
  private PreparedStatement put;

  /** Null until it is known how many commits there are. */
  private CommitMark mark;

  /** Commits that SQLite has made. */
  private volatile long committed;

  /** What was left undone, so that nothing more may be written; null if nothing. */
  private @Nullable Exception broken;

  /** Why the name of a rewritten file was not forced to the disk; null if it was. */
  private @Nullable IOException unforced;

  // open does the rest before anybody sees it.
  @SuppressWarnings("NullAway.Init")
  private FaceDatabase(Path folder, boolean everyWrite) throws IOException {
    this.folder = folder;
    file = new DatabaseFile(folder);
    this.everyWrite = everyWrite;
  }

  /**
   * Opens the database of a folder, or makes it.
   *
   * @param key null for none
   * @param everyWrite whether each transaction waits for the disk
   * @param salvage whether it is opened although commits are lost
   * @param metric of a new one
   */
  static FaceDatabase open(
      Path folder, @Nullable StoreKey key, boolean everyWrite, boolean salvage, Metric metric)
      throws IOException {
    FaceDatabase database = new FaceDatabase(folder, everyWrite);
    if (!Files.exists(database.file.path()) && Files.exists(database.file.temporary())) {
      Files.deleteIfExists(folder.resolve(CommitMark.FILE)); // it was being made; see create
    }
    database.file.deleteLeftovers();
    if (!Files.exists(database.file.path())) {
      database.file.refuseOrphans(folder);
      DatabaseCreation.create(folder, database.file, key, metric);
    }
    boolean done = false;
    try {
      database.file.open();
      int version = database.file.checkHead();
      boolean checked = !database.file.isLogged();
      if (!checked) {
        database.look(key, version, salvage);
      }
      database.connect();
      database.readMeta(key);
      if (checked) {
        database.checkCommits(version, salvage);
      }
      database.start(version);
      done = true;
      return database;
    } catch (SQLException e) {
      throw SqlFailures.of(database.file, SqlFailures.OPENED, e);
    } finally {
      if (!done) {
        database.close();
      }
    }
  }

  /**
   * Checks a store that was not closed and changes nothing: a connection that may write would, when
   * it is closed, delete the log with all that cannot be read of it.
   */
  private void look(@Nullable StoreKey key, int version, boolean salvage)
      throws IOException, SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(0);
    try {
      connection = DatabaseFile.connection(config, file.path());
      checkTables();
      readMeta(key);
    } finally {
      disconnect();
      file.deleteShared();
    }
    checkCommits(version, salvage);
    file.force();
  }

  private void checkCommits(int version, boolean salvage) throws IOException {
    // Version 1 did not count.
    if (!salvage && (version > 1 || state.commits() > 0)) {
      CommitMark.check(folder.resolve(CommitMark.FILE), id, state.commits(), file);
    }
  }

  /** Begins to count commits; in a file of version 1 too, which did not. */
  private void start(int version) throws IOException, SQLException {
    committed = state.commits();
    Path counter = folder.resolve(CommitMark.FILE);
    try {
      mark = CommitMark.start(counter, id, committed);
    } catch (IOException e) {
      throw new IndexWriteException(
          file()
              + " could not be opened, as "
              + counter
              + " could not be written ("
              + e.getMessage()
              + "); free space, or make the file writable, and repeat",
          e);
    }
    if (version < DatabaseFile.VERSION) {
      transaction(
          state.touched(),
          () -> {
            try (Statement statement = connection().createStatement()) {
              statement.execute("PRAGMA user_version=" + DatabaseFile.VERSION);
            }
          });
    }
  }

  private Connection connection() {
    return Objects.requireNonNull(connection, "closed");
  }

  private void connect() throws IOException, SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setOpenMode(SQLiteOpenMode.READWRITE);
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    config.setBusyTimeout(0);
    connection = DatabaseFile.connection(config, file.path());
    try (Statement statement = connection().createStatement()) {
      // Exclusive before the log is touched: its index then stays in memory, not in a third file.
      statement.execute("PRAGMA locking_mode=EXCLUSIVE");
      statement.execute("PRAGMA trusted_schema=OFF");
      statement.execute("PRAGMA cell_size_check=ON");
      statement.execute("PRAGMA mmap_size=0");
      statement.execute("PRAGMA temp_store=MEMORY");
      statement.execute("PRAGMA secure_delete=ON");
      try (ResultSet mode = statement.executeQuery("PRAGMA journal_mode=WAL")) {
        if (!mode.next() || !"wal".equals(mode.getString(1))) {
          throw new SQLException("the file system allows no write-ahead log");
        }
      }
      statement.execute("PRAGMA synchronous=" + (everyWrite ? "FULL" : "NORMAL"));
      statement.execute("PRAGMA fullfsync=ON");
      statement.execute("PRAGMA wal_autocheckpoint=4096");
      statement.execute("PRAGMA journal_size_limit=33554432");
    }
    checkTables();
    file.logOpened();
    prepare();
  }

  private void prepare() throws SQLException {
    begin = connection().prepareStatement("BEGIN IMMEDIATE");
    commit = connection().prepareStatement("COMMIT");
    insert = connection().prepareStatement("INSERT INTO faces VALUES(?,?)");
    delete = connection().prepareStatement("DELETE FROM faces WHERE seq=?");
    note = connection().prepareStatement("INSERT INTO removed VALUES(?)");
    put = connection().prepareStatement("UPDATE meta SET data=?2 WHERE id=?1");
  }

  private void checkTables() throws SQLException {
    List<String> found = new ArrayList<>();
    try (Statement statement = connection().createStatement();
        ResultSet rows = statement.executeQuery("SELECT sql FROM sqlite_schema ORDER BY name")) {
      while (rows.next() && found.size() <= DatabaseFile.TABLES.size()) {
        found.add(rows.getString(1));
      }
    }
    if (!found.equals(DatabaseFile.TABLES)) {
      throw corrupt("its tables are not those of a face store", null);
    }
  }

  /** Reads what the database says of itself; decides what opens its rows. */
  private void readMeta(@Nullable StoreKey key) throws IOException, SQLException {
    StoreMeta.Header header = StoreMeta.Header.decode(meta(HEADER));
    if (header == null) {
      throw corrupt("its header (row 0 of meta) does not fit its checksum", null);
    }
    id = header.id();
    if (header.wrapped().length == 0) {
      if (key != null) {
        throw new IndexKeyException(
            "a key was given, but "
                + file()
                + " is not encrypted; open it without, and encrypt it with rotateKey");
      }
      seal = new Seal(null, id);
    } else {
      if (key == null) {
        throw new IndexKeyException(file() + " is encrypted, but no key was given; give its key");
      }
      KeysetHandle dataKey = key.unwrap(header.wrapped(), id);
      if (dataKey == null) {
        throw new IndexKeyException(
            "the key given is not the one that " + file() + " is encrypted with; give that");
      }
      seal = StoreKey.seal(dataKey, id);
    }
    space = readSpace();
    state = readState();
  }

  private VectorSpace readSpace() throws SQLException {
    try {
      return StoreMeta.decodeSpace(open(meta(SPACE), SPACE, 0, "the description of its vectors"));
    } catch (IllegalArgumentException e) {
      throw corrupt("the description of its vectors cannot be: " + e.getMessage(), e);
    }
  }

  private StoreState readState() throws IOException, SQLException {
    StoreState read;
    try {
      read = StoreMeta.decodeState(open(meta(STATE), STATE, 0, "its state"));
    } catch (IllegalArgumentException e) {
      throw corrupt("its state cannot be: " + e.getMessage(), e);
    }
    if (!read.isPossible(space, file.bytes())) {
      throw corrupt("its state cannot be: " + read + " with " + space, null);
    }
    return read;
  }

  private byte[] meta(int row) throws SQLException {
    byte[] data = metaOrNull(row);
    if (data == null) {
      throw corrupt("row " + row + " of meta is missing", null);
    }
    return data;
  }

  private byte @Nullable [] metaOrNull(int row) throws SQLException {
    try (PreparedStatement select =
        connection().prepareStatement("SELECT data FROM meta WHERE id=?")) {
      select.setInt(1, row);
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() ? rows.getBytes(1) : null;
      }
    }
  }

  /** What {@link #people(byte[])} wrote last, or null. */
  byte @Nullable [] people() {
    try {
      byte[] sealed = metaOrNull(PEOPLE);
      return sealed == null ? null : open(sealed, PEOPLE, 0, "the list of people");
    } catch (SQLException e) {
      throw SqlFailures.of(file, "read", e);
    }
  }

  void people(byte[] plain) {
    replace(PEOPLE, plain);
  }

  private void replace(int row, byte[] plain) {
    transaction(
        state.touched(),
        () -> {
          try (PreparedStatement replace =
              connection().prepareStatement("REPLACE INTO meta VALUES(?,?)")) {
            put(replace, row, seal.seal(plain, row, 0));
          }
        });
  }

  private static void put(PreparedStatement put, int row, byte[] data) throws SQLException {
    put.setInt(1, row);
    put.setBytes(2, data);
    put.executeUpdate();
  }

  /** What {@link #roots(byte[])} wrote last, or null. */
  byte @Nullable [] roots() {
    try {
      byte[] sealed = metaOrNull(ROOTS);
      return sealed == null ? null : open(sealed, ROOTS, 0, "the list of folders");
    } catch (SQLException e) {
      throw SqlFailures.of(file, "read", e);
    }
  }

  void roots(byte[] plain) {
    replace(ROOTS, plain);
  }

  private byte[] open(byte[] sealed, int kind, long number, String what) {
    byte[] plain = sealed == null ? null : seal.open(sealed, kind, number);
    if (plain == null) {
      throw corrupt(what + " does not fit its checksum", null);
    }
    return plain;
  }

  Path file() {
    return file.path();
  }

  /** Names the store; does not change. */
  UUID id() {
    return id;
  }

  /** Tells who the store is and what it is sealed with; a copy has the same. */
  byte[] header() {
    try {
      return meta(HEADER);
    } catch (SQLException e) {
      throw SqlFailures.of(file, "read", e);
    }
  }

  Seal seal() {
    return seal;
  }

  /** Model "" and dimension 0 while nothing was added. */
  VectorSpace space() {
    return space;
  }

  StoreState state() {
    return state;
  }

  /** A 64-bit sum term of a row: an exchanged, lost or doubled row changes the sum. */
  static long digest(long seq, byte[] plain) {
    CRC32C crc = new CRC32C();
    crc.update(plain);
    long h = seq * 0x9e3779b97f4a7c15L + crc.getValue();
    h = (h ^ h >>> 30) * 0xbf58476d1ce4e5b9L;
    h = (h ^ h >>> 27) * 0x94d049bb133111ebL;
    return h ^ h >>> 31;
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
      digest -= digest(removed[i], old.get(i));
    }
    for (int i = 0; i < added.size(); i++) {
      digest += digest(first + i, added.get(i));
    }
    StoreState next =
        state.withRows(state.count() - removed.length + added.size(), digest, first + added.size());
    transaction(
        next,
        () -> {
          for (long seq : removed) {
            delete.setLong(1, seq);
            if (delete.executeUpdate() != 1) {
              throw corrupt("row " + seq + " of faces is missing", null);
            }
            if (seq <= state.covered()) {
              note.setLong(1, seq);
              note.executeUpdate();
            }
          }
          long seq = first;
          for (byte[] plain : added) {
            insert.setLong(1, seq);
            insert.setBytes(2, seal.seal(plain, FACE, seq));
            insert.executeUpdate();
            seq++;
          }
          if (!newSpace.equals(space)) {
            put(put, SPACE, seal.seal(StoreMeta.encode(newSpace), SPACE, 0));
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
        () -> {
          try (Statement statement = connection().createStatement()) {
            statement.executeUpdate("DELETE FROM removed");
          }
          for (long seq : removed) {
            note.setLong(1, seq);
            note.executeUpdate();
          }
        });
  }

  FaceRecord decode(long seq, byte[] plain, float[] target, int offset) {
    try {
      return FaceCodec.decode(plain, target, offset, space.dimension());
    } catch (IllegalArgumentException e) {
      throw corrupt("row " + seq + " of faces is no face: " + e.getMessage(), e);
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
    void run() throws SQLException;
  }

  /** All of it, with the state that comes of it, or nothing. */
  private void transaction(StoreState next, Work work) {
    ensureInOrder();
    boolean done = false;
    try {
      begin.executeUpdate();
      work.run();
      put(put, STATE, seal.seal(next.encode(), STATE, 0));
      commit.executeUpdate();
      done = true;
    } catch (SQLException e) {
      throw SqlFailures.of(file, "written", e);
    } finally {
      if (!done) {
        rollBack();
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

  private void ensureInOrder() {
    if (broken != null || connection == null) {
      throw new IndexWriteException(
          file() + " could not be left in order after an earlier failure; close and open it again",
          broken);
    }
  }

  private void rollBack() {
    try (Statement statement = connection().createStatement()) {
      // The driver has closed the statement that failed.
      for (Statement old : List.of(begin, commit, insert, delete, note, put)) {
        old.close();
      }
      prepare();
      try {
        statement.executeUpdate("ROLLBACK");
      } catch (SQLException e) {
        // After a full disk SQLite has rolled back by itself.
        if (!String.valueOf(e.getMessage()).contains("no transaction is active")) {
          throw e;
        }
      }
    } catch (SQLException e) {
      broken = e;
    }
  }

  /** Passes rows with a seq greater than {@code after}, in order. */
  void scan(long after, RowVisitor target) {
    ensureInOrder();
    try (PreparedStatement select =
        connection().prepareStatement("SELECT seq, data FROM faces WHERE seq>? ORDER BY seq")) {
      select.setLong(1, after);
      try (ResultSet rows = select.executeQuery()) {
        long last = after;
        while (rows.next()) {
          long seq = rows.getLong(1);
          // A damaged tree of pages may lead to the same page for ever.
          if (seq <= last || seq >= state.nextSeq()) {
            throw corrupt("row " + seq + " of faces comes after row " + last, null);
          }
          target.row(seq, open(rows.getBytes(2), FACE, seq, "row " + seq + " of faces"));
          last = seq;
        }
      }
    } catch (SQLException e) {
      throw SqlFailures.of(file, "read", e);
    }
  }

  /** Seqs of faces that the derived file holds, but that were removed since; ascending. */
  List<Long> removed() {
    ensureInOrder();
    List<Long> seqs = new ArrayList<>();
    try (Statement statement = connection().createStatement();
        ResultSet rows = statement.executeQuery("SELECT seq FROM removed ORDER BY seq")) {
      long last = 0;
      while (rows.next()) {
        long seq = rows.getLong(1);
        if (seq <= last || seq > state.covered()) {
          throw corrupt("row " + seq + " of removed comes after row " + last, null);
        }
        seqs.add(seq);
        last = seq;
      }
      return seqs;
    } catch (SQLException e) {
      throw SqlFailures.of(file, "read", e);
    }
  }

  /** Has SQLite check every page, and checks what is not a face, as it is on the disk. */
  void checkPages() throws IOException {
    ensureInOrder();
    Path gone = displaced();
    if (gone != null) {
      throw corrupt(gone.getFileName() + " was deleted or replaced while the store was open", null);
    }
    file.checkHead();
    try (Statement statement = connection().createStatement()) {
      statement.execute("PRAGMA shrink_memory"); // forgets the pages that it remembers
      try (ResultSet rows = statement.executeQuery("PRAGMA integrity_check(1)")) {
        String found = rows.next() ? rows.getString(1) : "nothing";
        if (!"ok".equals(found)) {
          throw corrupt(SqlFailures.place(found), null);
        }
      }
      StoreMeta.Header header = StoreMeta.Header.decode(meta(HEADER));
      if (header == null || !header.id().equals(id)) {
        throw corrupt("its header (row 0 of meta) does not fit its checksum", null);
      }
      if (!readSpace().equals(space) || !readState().equals(state)) {
        throw corrupt("its description is not what it was when it was opened", null);
      }
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
    ensureInOrder();
    Path temporary = file.temporary();
    try {
      byte[] header;
      Seal newSeal = seal;
      if (sameKey) {
        header = meta(HEADER);
      } else {
        KeysetHandle dataKey = key == null ? null : StoreKey.newDataKey();
        byte[] wrapped = key == null || dataKey == null ? new byte[0] : key.wrap(dataKey, id);
        header = new StoreMeta.Header(id, wrapped).encode();
        newSeal = dataKey == null ? new Seal(null, id) : StoreKey.seal(dataKey, id);
      }
      StoreState next = copy(temporary, keep, header, newSeal, people);
      PrivateFiles.force(temporary);
      synchronized (files) {
        requireInPlace();
        disconnect();
        try {
          replace(temporary, newSeal, next);
        } finally {
          connect();
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

  private void replace(Path temporary, Seal newSeal, StoreState next) throws IOException {
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
    seal = newSeal;
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
          file() + " was written anew, but is not safe from a loss of power: " + e.getMessage(), e);
    }
  }

  private StoreState copy(
      Path target, Predicate<byte[]> keep, byte[] header, Seal newSeal, byte @Nullable [] people)
      throws IOException, SQLException {
    try (DatabaseWriter out = new DatabaseWriter(target, newSeal)) {
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
      StoreState next = state.rewritten(out.count(), out.digest());
      out.finish(header, space, next, people, roots());
      return next;
    }
  }

  CorruptIndexException corrupt(String what, @Nullable Throwable cause) {
    return file.corrupt(what, cause);
  }

  private void disconnect() {
    Connection closing = connection;
    connection = null;
    file.logClosed();
    if (closing != null) {
      try {
        // Writes the log into the file and deletes it, if it can.
        closing.close();
      } catch (SQLException e) {
        broken = e;
      }
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
