package io.facesearch.index;

import com.google.crypto.tink.KeysetHandle;
import io.facesearch.CorruptIndexException;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.IndexKeyException;
import io.facesearch.IndexLockedException;
import io.facesearch.IndexVersionException;
import io.facesearch.IndexWriteException;
import io.facesearch.Metric;
import io.facesearch.internal.NativeFolder;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
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

  /** Names of derived files. */
  static final Pattern TREES = Pattern.compile("faces-\\d+\\.tree");

  /** "FSDB". */
  static final int APPLICATION = 0x46534442;

  static final int VERSION = 1;

  private static final long LIBRARY_BYTES = 2 << 20;
  private static final int PAGE = 4096;
  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
  private static final List<String> TABLES =
      List.of(
          "CREATE TABLE faces(seq INTEGER PRIMARY KEY, data BLOB NOT NULL)",
          "CREATE TABLE meta(id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
          "CREATE TABLE removed(seq INTEGER PRIMARY KEY)");

  /** Rows of {@code meta}, and kinds of what is sealed. */
  private static final int HEADER = 0;

  private static final int STATE = 1;
  private static final int SPACE = 2;
  private static final int FACE = 3;
  private static final int PEOPLE = 4;

  private static final Pattern PAGE_NUMBER = Pattern.compile("[Pp]age (\\d+)");

  /**
   * What the rows must amount to.
   *
   * @param count of rows
   * @param digest sum of {@link #digest} over them
   * @param nextSeq greater than every seq there ever was
   * @param generation of the derived file that belongs to the rows; only rises
   * @param covered the derived file holds the faces up to this seq, with those in {@code removed};
   *     0 if there is none
   * @param coveredCount of the faces that it holds
   * @param coveredDigest of the faces that it holds
   */
  record State(
      long count,
      long digest,
      long nextSeq,
      long generation,
      long covered,
      long coveredCount,
      long coveredDigest) {
    byte[] encode() {
      return ByteBuffer.allocate(56)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong(count)
          .putLong(digest)
          .putLong(nextSeq)
          .putLong(generation)
          .putLong(covered)
          .putLong(coveredCount)
          .putLong(coveredDigest)
          .array();
    }

    static State decode(byte[] bytes) {
      ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      return new State(
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong());
    }
  }

  /** Takes rows. */
  interface RowVisitor {
    void row(long seq, byte[] plain);
  }

  private final Path folder;
  private final Path file;
  private final boolean everyWrite;

  /** Guards the log's existence: it is made and deleted by this class, and forced by any thread. */
  private final Object files = new Object();

  private UUID id;
  private Seal seal;
  private Space space;
  private State state;
  private Connection connection;
  private PreparedStatement begin;
  private PreparedStatement commit;
  private PreparedStatement insert;
  private PreparedStatement delete;
  private PreparedStatement note;
  private PreparedStatement put;

  /** What was left undone, so that nothing more may be written; null if nothing. */
  private SQLException broken;

  private FaceDatabase(Path folder, boolean everyWrite) {
    this.folder = folder;
    file = folder.resolve(FILE);
    this.everyWrite = everyWrite;
  }

  /**
   * Opens the database of a folder, or makes it.
   *
   * @param key null for none
   * @param everyWrite whether each transaction waits for the disk
   * @param metric of a new one
   */
  static FaceDatabase open(Path folder, StoreKey key, boolean everyWrite, Metric metric)
      throws IOException {
    FaceDatabase database = new FaceDatabase(folder, everyWrite);
    Files.deleteIfExists(folder.resolve(NEW));
    Files.deleteIfExists(folder.resolve(NEW + "-journal"));
    if (!Files.exists(database.file)) {
      refuseOrphans(folder);
      database.create(key, metric);
    }
    database.checkFile();
    try {
      database.connect();
      database.readMeta(key);
      return database;
    } catch (SQLException e) {
      throw database.failure("opened", e);
    } finally {
      if (database.state == null) {
        database.disconnect();
      }
    }
  }

  /** A store that lost its database must not be taken for a new one. */
  private static void refuseOrphans(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path other : files.toList()) {
        String name = other.getFileName().toString();
        if (name.equals(LOG) || TREES.matcher(name).matches()) {
          throw new CorruptIndexException(
              "the face store "
                  + folder
                  + " is damaged: there is "
                  + name
                  + ", but no "
                  + FILE
                  + "; restore it from a copy");
        }
      }
    }
  }

  private void create(StoreKey key, Metric metric) throws IOException {
    UUID uuid = UUID.randomUUID();
    KeysetHandle dataKey = key == null ? null : StoreKey.newDataKey();
    Seal newSeal = key == null ? new Seal(null, uuid) : StoreKey.seal(dataKey, uuid);
    Path temporary = folder.resolve(NEW);
    try {
      try (Connection target = newFile(temporary)) {
        byte[] header = header(uuid, key == null ? new byte[0] : key.wrap(dataKey, uuid));
        writeMeta(
            target, header, newSeal, new Space("", 0, metric), new State(0, 0, 1, 0, 0, 0, 0));
      }
      force(temporary);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      IndexFile.forceFolder(file);
    } catch (SQLException e) {
      throw failure("made", e);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * A new database with empty tables and without a journal: a crash leaves a file to be deleted.
   */
  private static Connection newFile(Path target) throws IOException, SQLException {
    Files.deleteIfExists(target);
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(0);
    Connection connection = connection(config, target);
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA page_size=" + PAGE);
      statement.execute("PRAGMA journal_mode=OFF");
      statement.execute("PRAGMA synchronous=OFF");
      statement.execute("PRAGMA application_id=" + APPLICATION);
      statement.execute("PRAGMA user_version=" + VERSION);
      for (String table : TABLES) {
        statement.execute(table);
      }
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** SQLite unpacks its library to the folder that is removed also after a kill. */
  private static Connection connection(SQLiteConfig config, Path target) throws SQLException {
    NativeFolder.use("SQLite", "org.sqlite.tmpdir", LIBRARY_BYTES);
    return config.createConnection(url(target));
  }

  private static void writeMeta(
      Connection target, byte[] header, Seal seal, Space space, State state) throws SQLException {
    try (PreparedStatement put = target.prepareStatement("INSERT INTO meta VALUES(?,?)")) {
      put(put, HEADER, header);
      put(put, SPACE, seal.seal(encode(space), SPACE, 0));
      put(put, STATE, seal.seal(state.encode(), STATE, 0));
    }
  }

  private static void put(PreparedStatement put, int id, byte[] data) throws SQLException {
    put.setInt(1, id);
    put.setBytes(2, data);
    put.executeUpdate();
  }

  /** As a URI, since anything else would give a meaning to some characters of the path. */
  private static String url(Path path) {
    return "jdbc:sqlite:" + path.toAbsolutePath().toUri();
  }

  private static void force(Path path) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(path.toFile(), "rw")) {
      open.getFD().sync();
    }
  }

  /** Tells apart what SQLite does not: other files, other versions, files that were cut off. */
  private void checkFile() throws IOException {
    ByteBuffer head = ByteBuffer.allocate(100);
    long length;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      length = channel.size();
      while (head.hasRemaining() && channel.read(head) >= 0) {}
    }
    if (head.hasRemaining()) {
      throw corrupt("it was cut off at offset " + length + ", within its head", null);
    }
    for (int i = 0; i < MAGIC.length; i++) {
      if (head.get(i) != MAGIC[i]) {
        throw corrupt("offset " + i + " holds no mark of a database", null);
      }
    }
    if (head.getInt(68) != APPLICATION) {
      throw corrupt(
          "offset 68 says that another program made it ("
              + Integer.toHexString(head.getInt(68))
              + ")",
          null);
    }
    int version = head.getInt(60);
    if (version != VERSION) {
      throw new IndexVersionException(
          "this release reads face stores of version "
              + VERSION
              + ", but "
              + file
              + " has version "
              + version
              + (version > VERSION ? ", which is newer" : ", which is older")
              + " (offset 60); open it with the release that wrote it, or index the photos anew");
    }
    int pageSize = head.getShort(16) & 0xffff;
    if (pageSize != PAGE) {
      throw corrupt("offset 16 says that its pages have " + pageSize + " bytes", null);
    }
    long pages = head.getInt(28) & 0xffffffffL;
    Path log = folder.resolve(LOG);
    boolean logged = Files.exists(log) && Files.size(log) > 0;
    if (!logged && length != pages * PAGE) {
      throw corrupt(
          (length < pages * PAGE ? "it was cut off at offset " : "it should end, but goes on to ")
              + length
              + ", where its head says "
              + pages
              + " pages of "
              + PAGE
              + " bytes",
          null);
    }
  }

  private void connect() throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setOpenMode(SQLiteOpenMode.READWRITE);
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    config.setBusyTimeout(0);
    connection = connection(config, file);
    try (Statement statement = connection.createStatement()) {
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
    prepare();
  }

  private void prepare() throws SQLException {
    begin = connection.prepareStatement("BEGIN IMMEDIATE");
    commit = connection.prepareStatement("COMMIT");
    insert = connection.prepareStatement("INSERT INTO faces VALUES(?,?)");
    delete = connection.prepareStatement("DELETE FROM faces WHERE seq=?");
    note = connection.prepareStatement("INSERT INTO removed VALUES(?)");
    put = connection.prepareStatement("UPDATE meta SET data=?2 WHERE id=?1");
  }

  private void checkTables() throws SQLException {
    List<String> found = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT sql FROM sqlite_schema ORDER BY name")) {
      while (rows.next() && found.size() <= TABLES.size()) {
        found.add(rows.getString(1));
      }
    }
    if (!found.equals(TABLES)) {
      throw corrupt("its tables are not those of a face store", null);
    }
  }

  private void readMeta(StoreKey key) throws SQLException {
    byte[] wrapped = readHeader(meta(HEADER));
    if (wrapped.length == 0) {
      if (key != null) {
        throw new IndexKeyException(
            "a key was given, but "
                + file
                + " is not encrypted; open it without, and encrypt it with rotateKey");
      }
      seal = new Seal(null, id);
    } else {
      if (key == null) {
        throw new IndexKeyException(file + " is encrypted, but no key was given; give its key");
      }
      KeysetHandle dataKey = key.unwrap(wrapped, id);
      if (dataKey == null) {
        throw new IndexKeyException(
            "the key given is not the one that " + file + " is encrypted with; give that");
      }
      seal = StoreKey.seal(dataKey, id);
    }
    try {
      space = decodeSpace(open(meta(SPACE), SPACE, 0, "the description of its vectors"));
      State read = State.decode(open(meta(STATE), STATE, 0, "its state"));
      long pages = Files.size(file) / PAGE;
      Path log = folder.resolve(LOG);
      long logged = Files.exists(log) ? Files.size(log) : 0;
      if (read.count < 0
          || read.count >= read.nextSeq
          || read.covered < 0
          || read.covered >= read.nextSeq
          || read.coveredCount < 0
          || read.coveredCount > read.covered
          || read.generation < 0
          || read.generation >= Integer.MAX_VALUE
          || read.count > 0 && space.dimension() == 0
          || read.count > Integer.MAX_VALUE
          || read.count * space.dimension() > Integer.MAX_VALUE - 8
          || read.count * space.dimension() * 4 > pages * PAGE + logged) {
        throw corrupt("its state cannot be: " + read + " with " + space, null);
      }
      state = read;
    } catch (IllegalArgumentException | BufferUnderflowException | IOException e) {
      throw corrupt("its description cannot be read", e);
    }
  }

  private static byte[] header(UUID id, byte[] wrapped) {
    return new Seal(null, id)
        .seal(
            ByteBuffer.allocate(16 + wrapped.length)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .put(wrapped)
                .array(),
            HEADER,
            0);
  }

  private byte[] readHeader(byte[] sealed) {
    if (sealed.length >= 16) {
      ByteBuffer head = ByteBuffer.wrap(sealed);
      UUID found = new UUID(head.getLong(), head.getLong());
      byte[] plain = new Seal(null, found).open(sealed, HEADER, 0);
      if (plain != null && plain.length >= 16) {
        id = found;
        byte[] wrapped = new byte[plain.length - 16];
        System.arraycopy(plain, 16, wrapped, 0, wrapped.length);
        return wrapped;
      }
    }
    throw corrupt("its header (row 0 of meta) does not fit its checksum", null);
  }

  private static byte[] encode(Space space) {
    byte[] model = CheckedWriter.encode(space.model());
    return ByteBuffer.allocate(5 + model.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(space.dimension())
        .put((byte) (space.metric() == Metric.COSINE ? 1 : 0))
        .put(model)
        .array();
  }

  private static Space decodeSpace(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int dimension = in.getInt();
    int metric = in.get();
    if (dimension < 0 || metric < 0 || metric > 1) {
      throw new IllegalArgumentException("dimension " + dimension + ", metric " + metric);
    }
    return new Space(
        new String(bytes, 5, bytes.length - 5, StandardCharsets.UTF_8),
        dimension,
        metric == 1 ? Metric.COSINE : Metric.EUCLIDEAN);
  }

  private byte[] meta(int row) throws SQLException {
    byte[] data = metaOrNull(row);
    if (data == null) {
      throw corrupt("row " + row + " of meta is missing", null);
    }
    return data;
  }

  private byte[] metaOrNull(int row) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT data FROM meta WHERE id=?")) {
      select.setInt(1, row);
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() ? rows.getBytes(1) : null;
      }
    }
  }

  /** What {@link #people(byte[])} wrote last, or null. */
  byte[] people() {
    try {
      byte[] sealed = metaOrNull(PEOPLE);
      return sealed == null ? null : open(sealed, PEOPLE, 0, "the list of people");
    } catch (SQLException e) {
      throw failure("read", e);
    }
  }

  void people(byte[] plain) {
    transaction(() -> putPeople(connection, seal, plain));
  }

  private static void putPeople(Connection target, Seal seal, byte[] plain) throws SQLException {
    try (PreparedStatement put = target.prepareStatement("REPLACE INTO meta VALUES(?,?)")) {
      put(put, PEOPLE, seal.seal(plain, PEOPLE, 0));
    }
  }

  private byte[] open(byte[] sealed, int kind, long number, String what) {
    byte[] plain = sealed == null ? null : seal.open(sealed, kind, number);
    if (plain == null) {
      throw corrupt(what + " does not fit its checksum", null);
    }
    return plain;
  }

  Path file() {
    return file;
  }

  /** Names the store; does not change. */
  UUID id() {
    return id;
  }

  Seal seal() {
    return seal;
  }

  /** Model "" and dimension 0 while nothing was added. */
  Space space() {
    return space;
  }

  State state() {
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
  long write(long[] removed, List<byte[]> old, List<byte[]> added, Space newSpace) {
    long first = state.nextSeq;
    long digest = state.digest;
    for (int i = 0; i < removed.length; i++) {
      digest -= digest(removed[i], old.get(i));
    }
    for (int i = 0; i < added.size(); i++) {
      digest += digest(first + i, added.get(i));
    }
    State next =
        new State(
            state.count - removed.length + added.size(),
            digest,
            first + added.size(),
            state.generation,
            state.covered,
            state.coveredCount,
            state.coveredDigest);
    transaction(
        () -> {
          for (long seq : removed) {
            delete.setLong(1, seq);
            if (delete.executeUpdate() != 1) {
              throw corrupt("row " + seq + " of faces is missing", null);
            }
            if (seq <= state.covered) {
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
            put(put, SPACE, seal.seal(encode(newSpace), SPACE, 0));
          }
          put(put, STATE, seal.seal(next.encode(), STATE, 0));
        });
    state = next;
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
  void derived(long generation, State then, List<Long> removed) {
    State next =
        new State(
            state.count,
            state.digest,
            state.nextSeq,
            generation,
            then.nextSeq - 1,
            then.count,
            then.digest);
    transaction(
        () -> {
          try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM removed");
          }
          for (long seq : removed) {
            note.setLong(1, seq);
            note.executeUpdate();
          }
          put(put, STATE, seal.seal(next.encode(), STATE, 0));
        });
    state = next;
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
    if (count != state.count || digest != state.digest) {
      throw corrupt(
          "it should have "
              + state.count
              + " rows with the sum "
              + Long.toHexString(state.digest)
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

  /** All of it or nothing. */
  private void transaction(Work work) {
    ensureInOrder();
    boolean done = false;
    try {
      begin.executeUpdate();
      work.run();
      commit.executeUpdate();
      done = true;
    } catch (SQLException e) {
      throw failure("written", e);
    } finally {
      if (!done) {
        rollBack();
      }
    }
  }

  private void ensureInOrder() {
    if (broken != null || connection == null) {
      throw new IndexWriteException(
          file + " could not be left in order after an earlier failure; close and open it again",
          broken);
    }
  }

  private void rollBack() {
    try (Statement statement = connection.createStatement()) {
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
        connection.prepareStatement("SELECT seq, data FROM faces WHERE seq>? ORDER BY seq")) {
      select.setLong(1, after);
      try (ResultSet rows = select.executeQuery()) {
        long last = after;
        while (rows.next()) {
          long seq = rows.getLong(1);
          // A damaged tree of pages may lead to the same page for ever.
          if (seq <= last || seq >= state.nextSeq) {
            throw corrupt("row " + seq + " of faces comes after row " + last, null);
          }
          target.row(seq, open(rows.getBytes(2), FACE, seq, "row " + seq + " of faces"));
          last = seq;
        }
      }
    } catch (SQLException e) {
      throw failure("read", e);
    }
  }

  /** Seqs of faces that the derived file holds, but that were removed since; ascending. */
  List<Long> removed() {
    ensureInOrder();
    List<Long> seqs = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT seq FROM removed ORDER BY seq")) {
      long last = 0;
      while (rows.next()) {
        long seq = rows.getLong(1);
        if (seq <= last || seq > state.covered) {
          throw corrupt("row " + seq + " of removed comes after row " + last, null);
        }
        seqs.add(seq);
        last = seq;
      }
      return seqs;
    } catch (SQLException e) {
      throw failure("read", e);
    }
  }

  /** Has SQLite check every page. */
  void checkPages() {
    ensureInOrder();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("PRAGMA integrity_check(1)")) {
      String found = rows.next() ? rows.getString(1) : "nothing";
      if (!"ok".equals(found)) {
        throw corrupt(place(found), null);
      }
    } catch (SQLException e) {
      throw failure("checked", e);
    }
  }

  /** Forces what was written to the disk; thread-safe. */
  void sync() throws IOException {
    synchronized (files) {
      Path log = folder.resolve(LOG);
      if (Files.exists(log)) {
        force(log);
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
  void rewrite(Predicate<byte[]> keep, StoreKey key, boolean sameKey, byte[] people)
      throws IOException {
    ensureInOrder();
    Path temporary = folder.resolve(NEW);
    try {
      byte[] header;
      Seal newSeal = seal;
      if (sameKey) {
        header = meta(HEADER);
      } else {
        KeysetHandle dataKey = key == null ? null : StoreKey.newDataKey();
        header = header(id, key == null ? new byte[0] : key.wrap(dataKey, id));
        newSeal = key == null ? new Seal(null, id) : StoreKey.seal(dataKey, id);
      }
      State next = copy(temporary, keep, header, newSeal, people);
      force(temporary);
      synchronized (files) {
        disconnect();
        try {
          if (Files.exists(folder.resolve(LOG))) {
            throw new IndexWriteException(
                "the log "
                    + folder.resolve(LOG)
                    + " could not be written into "
                    + file
                    + "; free space and repeat");
          }
          Files.move(
              temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
          seal = newSeal;
          state = next;
          IndexFile.forceFolder(file);
        } finally {
          connect();
        }
      }
    } catch (SQLException e) {
      throw failure("rewritten", e);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private State copy(
      Path target, Predicate<byte[]> keep, byte[] header, Seal newSeal, byte[] people)
      throws IOException, SQLException {
    try (Connection out = newFile(target);
        PreparedStatement add = out.prepareStatement("INSERT INTO faces VALUES(?,?)")) {
      long[] sums = new long[2];
      out.setAutoCommit(false);
      scan(
          0,
          (seq, plain) -> {
            if (keep.test(plain)) {
              sums[0]++;
              sums[1] += digest(seq, plain);
              try {
                add.setLong(1, seq);
                add.setBytes(2, newSeal.seal(plain, FACE, seq));
                add.executeUpdate();
              } catch (SQLException e) {
                throw failure("rewritten", e);
              }
            }
          });
      State next = new State(sums[0], sums[1], state.nextSeq, state.generation, 0, 0, 0);
      writeMeta(out, header, newSeal, space, next);
      if (people != null) {
        putPeople(out, newSeal, people);
      }
      out.commit();
      return next;
    }
  }

  /** What a failure of SQLite means. */
  private FaceSearchException failure(String done, SQLException e) {
    SQLiteErrorCode code = SQLiteErrorCode.getErrorCode(e.getErrorCode() & 0xff);
    return switch (code) {
      case SQLITE_CORRUPT, SQLITE_NOTADB -> corrupt(place(e.getMessage()), e);
      case SQLITE_BUSY, SQLITE_LOCKED ->
          new IndexLockedException(file + " is open in another process; close it there first", e);
      case SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_NOLFS ->
          new IndexWriteException(
              file
                  + " could not be "
                  + done
                  + " ("
                  + e.getMessage()
                  + "); nothing of this call was stored; free space, or make the folder writable,"
                  + " and repeat",
              e);
      default -> new FaceSearchException(file + " could not be " + done + ": " + e.getMessage(), e);
    };
  }

  /** Where SQLite found damage, as an offset if it names a page. */
  private static String place(String message) {
    Matcher page = PAGE_NUMBER.matcher(String.valueOf(message));
    if (page.find() && page.group(1).length() < 10) {
      return message + " (offset " + (Long.parseLong(page.group(1)) - 1) * PAGE + ")";
    }
    return message;
  }

  CorruptIndexException corrupt(String what, Throwable cause) {
    return new CorruptIndexException(
        "the face store " + file + " is damaged: " + what + "; restore it from a copy", cause);
  }

  private void disconnect() {
    Connection closing = connection;
    connection = null;
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
  public void close() {
    synchronized (files) {
      disconnect();
    }
  }

  /** The bytes of the database and its log on disk. */
  long bytes() throws IOException {
    long bytes = Files.size(file);
    try {
      return bytes + Files.size(folder.resolve(LOG));
    } catch (NoSuchFileException e) {
      return bytes;
    }
  }
}
