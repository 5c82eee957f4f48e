package io.facesearch.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * The tables of a {@link FaceDatabase} over one connection to SQLite: rows of bytes, of which it
 * does not know what is sealed in them. The file was opened before, and is closed after. Not
 * thread-safe.
 */
final class DatabaseTables implements AutoCloseable {
  /** Takes rows. */
  interface RowVisitor {
    void row(long seq, byte[] data);
  }

  private final DatabaseFile file;
  private final Connection connection;

  /** What changes rows; null if nothing may. */
  private @Nullable Changes changes;

  private record Changes(
      PreparedStatement begin,
      PreparedStatement commit,
      PreparedStatement insert,
      PreparedStatement delete,
      PreparedStatement note,
      PreparedStatement put) {
    static Changes prepare(Connection connection) throws SQLException {
      return new Changes(
          connection.prepareStatement("BEGIN IMMEDIATE"),
          connection.prepareStatement("COMMIT"),
          connection.prepareStatement("INSERT INTO faces VALUES(?,?)"),
          connection.prepareStatement("DELETE FROM faces WHERE seq=?"),
          connection.prepareStatement("INSERT INTO removed VALUES(?)"),
          connection.prepareStatement("REPLACE INTO meta VALUES(?,?)"));
    }

    List<Statement> all() {
      return List.of(begin, commit, insert, delete, note, put);
    }
  }

  private DatabaseTables(DatabaseFile file, SQLiteConfig config) throws SQLException {
    this.file = file;
    config.setBusyTimeout(0);
    connection = DatabaseFile.connection(config, file.path());
  }

  private interface Preparation {
    void run(DatabaseTables tables) throws IOException, SQLException;
  }

  private static DatabaseTables open(DatabaseFile file, SQLiteConfig config, Preparation first)
      throws IOException, SQLException {
    DatabaseTables tables = new DatabaseTables(file, config);
    try {
      first.run(tables);
      return tables;
    } catch (IOException | SQLException | RuntimeException e) {
      try {
        tables.close();
      } catch (SQLException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /**
   * Opens them to be read: a connection that may write would, when it is closed, delete a log with
   * all that cannot be read of it.
   */
  static DatabaseTables openToRead(DatabaseFile file) throws IOException, SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    return open(file, config, DatabaseTables::check);
  }

  /**
   * Opens them.
   *
   * @param everyWrite whether each transaction waits for the disk
   */
  static DatabaseTables open(DatabaseFile file, boolean everyWrite)
      throws IOException, SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setOpenMode(SQLiteOpenMode.READWRITE);
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    return open(
        file,
        config,
        tables -> {
          tables.configure(everyWrite);
          tables.check();
          file.logOpened();
          tables.changes = Changes.prepare(tables.connection);
        });
  }

  private void configure(boolean everyWrite) throws SQLException {
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
  }

  private void check() throws SQLException {
    List<String> found = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT sql FROM sqlite_schema ORDER BY name")) {
      while (rows.next() && found.size() <= DatabaseFile.TABLES.size()) {
        found.add(rows.getString(1));
      }
    }
    if (!found.equals(DatabaseFile.TABLES)) {
      throw file.corrupt("its tables are not those of a face store", null);
    }
  }

  private Changes changes() {
    if (changes == null) {
      throw new IllegalStateException(file.path() + " is open to be read only");
    }
    return changes;
  }

  void begin() throws SQLException {
    changes().begin.executeUpdate();
  }

  void commit() throws SQLException {
    changes().commit.executeUpdate();
  }

  /** Undoes what was begun, after a failure too. */
  void rollBack() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // The driver has closed the statement that failed.
      for (Statement old : changes().all()) {
        old.close();
      }
      changes = Changes.prepare(connection);
      statement.executeUpdate("ROLLBACK");
    } catch (SQLException e) {
      // After a full disk SQLite has rolled back by itself.
      if (!String.valueOf(e.getMessage()).contains("no transaction is active")) {
        throw e;
      }
    }
  }

  void setVersion(int version) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA user_version=" + version);
    }
  }

  /** A row of {@code meta}; null if there is none. */
  byte @Nullable [] meta(int row) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT data FROM meta WHERE id=?")) {
      select.setInt(1, row);
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() ? rows.getBytes(1) : null;
      }
    }
  }

  void putMeta(int row, byte[] data) throws SQLException {
    put(changes().put, row, data);
  }

  void insert(long seq, byte[] data) throws SQLException {
    put(changes().insert, seq, data);
  }

  private static void put(PreparedStatement put, long number, byte[] data) throws SQLException {
    put.setLong(1, number);
    put.setBytes(2, data);
    put.executeUpdate();
  }

  void delete(long seq) throws SQLException {
    PreparedStatement delete = changes().delete;
    delete.setLong(1, seq);
    if (delete.executeUpdate() != 1) {
      throw file.corrupt("row " + seq + " of faces is missing", null);
    }
  }

  /** Adds a row to {@code removed}. */
  void noteRemoved(long seq) throws SQLException {
    PreparedStatement note = changes().note;
    note.setLong(1, seq);
    note.executeUpdate();
  }

  void clearRemoved() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("DELETE FROM removed");
    }
  }

  /**
   * Passes rows of {@code faces}, in order.
   *
   * @param after less than their seqs
   * @param end greater than their seqs
   */
  void scan(long after, long end, RowVisitor target) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT seq, data FROM faces WHERE seq>? ORDER BY seq")) {
      select.setLong(1, after);
      try (ResultSet rows = select.executeQuery()) {
        long last = after;
        while (rows.next()) {
          long seq = rows.getLong(1);
          // A damaged tree of pages may lead to the same page for ever.
          if (seq <= last || seq >= end) {
            throw file.corrupt("row " + seq + " of faces comes after row " + last, null);
          }
          target.row(seq, rows.getBytes(2));
          last = seq;
        }
      }
    }
  }

  /** Rows of {@code removed}, ascending; none is greater than {@code most}. */
  List<Long> removed(long most) throws SQLException {
    List<Long> seqs = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT seq FROM removed ORDER BY seq")) {
      long last = 0;
      while (rows.next()) {
        long seq = rows.getLong(1);
        if (seq <= last || seq > most) {
          throw file.corrupt("row " + seq + " of removed comes after row " + last, null);
        }
        seqs.add(seq);
        last = seq;
      }
      return seqs;
    }
  }

  /** Has SQLite check every page as it is on the disk. */
  void checkPages() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA shrink_memory"); // forgets the pages that it remembers
      try (ResultSet rows = statement.executeQuery("PRAGMA integrity_check(1)")) {
        String found = rows.next() ? rows.getString(1) : "nothing";
        if (!"ok".equals(found)) {
          throw file.corrupt(SqlFailures.place(found), null);
        }
      }
    }
  }

  /** Writes the log into the file and deletes it, if it can. */
  @Override
  public void close() throws SQLException {
    file.logClosed();
    connection.close();
  }
}
