package io.facesearch.store;

import io.facesearch.CorruptIndexException;
import io.facesearch.IndexLockedException;
import io.facesearch.IndexVersionException;
import io.facesearch.internal.AtomicFile;
import io.facesearch.internal.FileClaim;
import io.facesearch.internal.NativeFolder;
import io.facesearch.internal.PrivateFiles;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/**
 * The file that a {@link FaceDatabase} is in, with its log: where they are, and whether they can be
 * a store. SQLite loses its locks of a file as soon as this process closes any descriptor of it, so
 * the one here stays open for as long as SQLite has the file open.
 *
 * <p>Not thread-safe, but for {@link #isInPlace}.
 */
final class DatabaseFile implements AutoCloseable {
  private static final long LIBRARY_BYTES = 2 << 20;

  /** "FSDB". */
  static final int APPLICATION = 0x46534442;

  /** Counts commits. */
  static final int VERSION = 2;

  static final int PAGE = 4096;

  static final List<String> TABLES =
      List.of(
          "CREATE TABLE faces(seq INTEGER PRIMARY KEY, data BLOB NOT NULL)",
          "CREATE TABLE meta(id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
          "CREATE TABLE removed(seq INTEGER PRIMARY KEY)");

  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
  private static final int HEAD = 100;

  private final Path path;
  private final Path log;

  /** Shared memory of a connection that only looks. */
  private final Path shared;

  /** Not in place of a link but of what it leads to. */
  private final Path temporary;

  private @Nullable RandomAccessFile raw;
  private volatile @Nullable FileClaim claim;

  /** What the log is that SQLite has open; null if it has none. */
  private volatile @Nullable Object logKey;

  DatabaseFile(Path folder) throws IOException {
    path = AtomicFile.follow(folder.resolve(FaceDatabase.FILE));
    log = path.resolveSibling(path.getFileName() + "-wal");
    shared = path.resolveSibling(path.getFileName() + "-shm");
    temporary = path.resolveSibling(path.getFileName() + ".new");
  }

  Path path() {
    return path;
  }

  Path log() {
    return log;
  }

  /** Where a new one is made. */
  Path temporary() {
    return temporary;
  }

  /** Whether there is a log that SQLite will read. */
  boolean isLogged() throws IOException {
    try {
      return Files.size(log) > 0;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** The bytes of the database and its log on disk. */
  long bytes() throws IOException {
    try {
      return Files.size(path) + Files.size(log);
    } catch (NoSuchFileException e) {
      return Files.size(path);
    }
  }

  /** Deletes what a kill left of files that were being made. */
  void deleteLeftovers() throws IOException {
    Files.deleteIfExists(temporary);
    Files.deleteIfExists(temporary.resolveSibling(temporary.getFileName() + "-journal"));
    Files.deleteIfExists(shared);
  }

  /** Deletes what a connection that only looked left. */
  void deleteShared() throws IOException {
    Files.deleteIfExists(shared);
  }

  /** A store that lost its database must not be taken for a new one. */
  void refuseOrphans(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path other : files.toList()) {
        String name = other.getFileName().toString();
        if (other.equals(log)
            || name.equals(FaceDatabase.LOG)
            || name.equals(CommitMark.FILE)
            || StoreTree.isOne(name)) {
          throw new CorruptIndexException(
              "the face store "
                  + folder
                  + " is damaged: there is "
                  + name
                  + ", but no "
                  + FaceDatabase.FILE
                  + "; restore it from a copy");
        }
      }
    }
  }

  /**
   * A new database with empty tables and without a journal: a crash leaves a file to be deleted.
   */
  static Connection create(Path target) throws IOException, SQLException {
    Files.deleteIfExists(target);
    // Its log takes over the mode.
    PrivateFiles.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE).close();
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
  static Connection connection(SQLiteConfig config, Path target) throws SQLException {
    NativeFolder.use("SQLite", "org.sqlite.tmpdir", LIBRARY_BYTES);
    return config.createConnection(url(target));
  }

  /** As a URI, since anything else would give a meaning to some characters of the path. */
  private static String url(Path path) {
    return "jdbc:sqlite:" + path.toAbsolutePath().toUri();
  }

  /** Before SQLite opens it; {@link #close} comes after SQLite has closed it. */
  void open() throws IOException {
    claim = FileClaim.of(path);
    if (claim == null) {
      throw new IndexLockedException(
          path + " is open already in this process, by another folder; close it there first");
    }
    boolean done = false;
    try {
      raw = new RandomAccessFile(path.toFile(), "r");
      done = true;
    } finally {
      if (!done) {
        claim.close();
      }
    }
  }

  /** False if the file was deleted or replaced while it was open. */
  boolean isInPlace() {
    FileClaim now = claim;
    return now != null && now.isInPlace();
  }

  /** SQLite has opened its log. */
  void logOpened() throws IOException {
    logKey = FileClaim.key(log);
  }

  /** SQLite has closed its log, and perhaps deleted it. */
  void logClosed() {
    logKey = null;
  }

  /** What was deleted or replaced while SQLite had it open; null if nothing. */
  @Nullable Path displaced() {
    if (!isInPlace()) {
      return path;
    }
    Object opened = logKey;
    try {
      return opened == null || opened.equals(FileClaim.key(log)) ? null : log;
    } catch (IOException e) {
      return log;
    }
  }

  /**
   * Tells apart what SQLite does not: other files, other versions, files that were cut off.
   *
   * @return the version
   */
  int checkHead() throws IOException {
    byte[] bytes = new byte[HEAD];
    RandomAccessFile raw = Objects.requireNonNull(this.raw, "closed");
    long length = raw.length();
    raw.seek(0);
    try {
      raw.readFully(bytes);
    } catch (EOFException e) {
      throw corrupt("it was cut off at offset " + length + ", within its head", null);
    }
    ByteBuffer head = ByteBuffer.wrap(bytes);
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
    if (version < 1 || version > VERSION) {
      throw new IndexVersionException(
          "this release reads face stores of versions 1 to "
              + VERSION
              + ", but "
              + path
              + " has version "
              + version
              + (version > VERSION ? ", which is newer" : ", which never was")
              + " (offset 60); open it with the release that wrote it, or index the photos again");
    }
    int pageSize = head.getShort(16) & 0xffff;
    if (pageSize != PAGE) {
      throw corrupt("offset 16 says that its pages have " + pageSize + " bytes", null);
    }
    long pages = head.getInt(28) & 0xffffffffL;
    if (!isLogged() && length != pages * PAGE) {
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
    return version;
  }

  /** Forces file and log. Only while SQLite has them not open. */
  void force() throws IOException {
    PrivateFiles.force(path);
    if (isLogged()) {
      PrivateFiles.force(log);
    }
  }

  CorruptIndexException corrupt(String what, @Nullable Throwable cause) {
    return new CorruptIndexException(
        "the face store " + path + " is damaged: " + what + "; restore it from a copy", cause);
  }

  @Override
  public void close() throws IOException {
    try {
      if (raw != null) {
        raw.close();
      }
    } finally {
      raw = null;
      if (claim != null) {
        claim.close();
        claim = null;
      }
    }
  }
}
