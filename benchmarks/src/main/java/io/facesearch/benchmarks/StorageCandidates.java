package io.facesearch.benchmarks;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BytesRef;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * What could keep the rows of a {@link io.facesearch.store.FaceStore}: SQLite, H2's MVStore, Lucene
 * and a log of our own, with rows as long as those of a face (a record of about 60 bytes and 128
 * floats). Each adds rows one by one, so that kill -9 takes none that was acknowledged, and forces
 * the disk every second; then removes 1 %, closes, opens and reads all. Arguments: an empty folder,
 * and the number of rows. The adds of each end after 20 seconds; the rest is then added at once.
 */
public final class StorageCandidates {
  private static final int VECTOR_BYTES = 4 * 128;
  private static final double SECONDS = 20;

  private StorageCandidates() {}

  /** A storage of rows by number. */
  private interface Storage extends AutoCloseable {
    /** Adds a row that survives the end of the process. */
    void add(long seq, byte[] row) throws Exception;

    /** Adds rows of which the last ones may be lost until {@link #force}. */
    void addLoosely(long seq, byte[] row) throws Exception;

    void remove(long seq) throws Exception;

    /** Everything is on the disk. */
    void force() throws Exception;

    /** The sum of all bytes of all rows that are left. */
    long read() throws Exception;

    @Override
    void close() throws Exception;
  }

  private interface Opener {
    Storage open(Path folder) throws Exception;
  }

  /**
   * Runs it.
   *
   * @param args folder, rows
   * @throws Exception if one of them fails
   */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    int rows = Integer.parseInt(args[1]);
    Map<String, Opener> candidates = new TreeMap<>();
    candidates.put("SQLite", Sqlite::new);
    candidates.put("MVStore", MvStore::new);
    candidates.put("Lucene", Lucene::new);
    candidates.put("own log", OwnLog::new);
    for (Map.Entry<String, Opener> candidate : candidates.entrySet()) {
      // The first, short one warms up.
      run(candidate.getKey() + " (warm-up)", candidate.getValue(), folder, rows / 20);
      run(candidate.getKey(), candidate.getValue(), folder, rows);
    }
  }

  private static byte[] row(long seq) {
    byte[] text =
        ("person-" + seq / 2 + "/photo-" + seq + ".jpg#0").getBytes(StandardCharsets.UTF_8);
    ByteBuffer row = ByteBuffer.allocate(60 + VECTOR_BYTES);
    row.put(text).position(60);
    long x = seq * 0x9E3779B97F4A7C15L;
    while (row.hasRemaining()) {
      x ^= x << 13;
      x ^= x >>> 7;
      x ^= x << 17;
      row.putLong(x);
    }
    return row.array();
  }

  private static long sum(byte[] row) {
    long sum = 0;
    for (byte b : row) {
      sum += b & 0xff;
    }
    return sum;
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static void run(String name, Opener opener, Path parent, int rows) throws Exception {
    Path folder = Files.createTempDirectory(parent, "storage-");
    Storage storage = opener.open(folder);
    long expected = 0;
    long start = System.nanoTime();
    long forced = start;
    int added = 0;
    while (added < rows && seconds(start) < SECONDS) {
      byte[] row = row(added);
      storage.add(added++, row);
      expected += sum(row);
      if (seconds(forced) > 1) {
        storage.force();
        forced = System.nanoTime();
      }
    }
    storage.force();
    double rate = added / seconds(start);
    while (added < rows) {
      byte[] row = row(added);
      storage.addLoosely(added++, row);
      expected += sum(row);
    }
    storage.force();
    start = System.nanoTime();
    int removed = 0;
    for (long seq = 50; seq < rows && seconds(start) < SECONDS; seq += 100) {
      storage.remove(seq);
      expected -= sum(row(seq));
      removed++;
    }
    storage.force();
    double removals = removed / seconds(start);
    start = System.nanoTime();
    storage.close();
    double closed = seconds(start);
    start = System.nanoTime();
    try (Storage again = opener.open(folder)) {
      if (again.read() != expected) {
        throw new IllegalStateException(name + " gives other rows than it was given");
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%-20s %d rows: %.0f adds/s, %.0f removals/s, closed in %.2f s, opened and read in %.2f s,"
            + " %.0f MB%n",
        name,
        rows,
        rate,
        removals,
        closed,
        seconds(start),
        sizeAndDelete(folder) / 1e6);
  }

  private static long sizeAndDelete(Path folder) throws IOException {
    long size = 0;
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        size += Files.isRegularFile(file) ? Files.size(file) : 0;
        Files.delete(file);
      }
    }
    return size;
  }

  /** As {@code FaceStore} has it: a transaction each, in the write-ahead log. */
  private static final class Sqlite implements Storage {
    private final Connection connection;
    private final PreparedStatement insert;
    private final PreparedStatement delete;
    private final Path log;
    private boolean loose;

    Sqlite(Path folder) throws SQLException {
      log = folder.resolve("rows.db-wal");
      connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("rows.db"));
      try (Statement statement = connection.createStatement()) {
        statement.execute("PRAGMA locking_mode=EXCLUSIVE");
        statement.execute("PRAGMA secure_delete=ON");
        statement.execute("PRAGMA journal_mode=WAL");
        statement.execute("PRAGMA synchronous=NORMAL");
        statement.execute("PRAGMA wal_autocheckpoint=4096");
        statement.execute("CREATE TABLE IF NOT EXISTS r(seq INTEGER PRIMARY KEY, data BLOB)");
      }
      insert = connection.prepareStatement("INSERT INTO r VALUES(?, ?)");
      delete = connection.prepareStatement("DELETE FROM r WHERE seq = ?");
    }

    @Override
    public void add(long seq, byte[] row) throws SQLException {
      insert.setLong(1, seq);
      insert.setBytes(2, row);
      insert.executeUpdate();
    }

    @Override
    public void addLoosely(long seq, byte[] row) throws SQLException {
      if (!loose) {
        connection.setAutoCommit(false);
        loose = true;
      }
      add(seq, row);
    }

    @Override
    public void remove(long seq) throws SQLException {
      delete.setLong(1, seq);
      delete.executeUpdate();
    }

    @Override
    public void force() throws SQLException, IOException {
      if (loose) {
        connection.commit();
        connection.setAutoCommit(true);
        loose = false;
      }
      if (Files.exists(log)) {
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      }
    }

    @Override
    public long read() throws SQLException {
      long sum = 0;
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT data FROM r ORDER BY seq")) {
        while (rows.next()) {
          sum += sum(rows.getBytes(1));
        }
      }
      return sum;
    }

    @Override
    public void close() throws SQLException {
      insert.close();
      delete.close();
      connection.close();
    }
  }

  /** A commit each, which writes a chunk. */
  private static final class MvStore implements Storage {
    private final MVStore store;
    private final MVMap<Long, byte[]> map;

    MvStore(Path folder) {
      store =
          new MVStore.Builder()
              .fileName(folder.resolve("rows.mv").toString())
              .autoCommitDisabled()
              .open();
      map = store.openMap("rows");
    }

    @Override
    public void add(long seq, byte[] row) {
      map.put(seq, row);
      store.commit();
    }

    @Override
    public void addLoosely(long seq, byte[] row) {
      map.put(seq, row);
      if (seq % 1000 == 0) {
        store.commit();
      }
    }

    @Override
    public void remove(long seq) {
      map.remove(seq);
      store.commit();
    }

    @Override
    public void force() {
      store.commit();
      store.sync();
    }

    @Override
    public long read() {
      long sum = 0;
      for (byte[] row : map.values()) {
        sum += sum(row);
      }
      return sum;
    }

    @Override
    public void close() {
      store.close();
    }
  }

  /** A commit each: Lucene has no log of what was added since. It forces the disk, too. */
  private static final class Lucene implements Storage {
    private final FSDirectory directory;
    private final IndexWriter writer;

    Lucene(Path folder) throws IOException {
      directory = FSDirectory.open(folder);
      writer = new IndexWriter(directory, new IndexWriterConfig());
    }

    @Override
    public void add(long seq, byte[] row) throws IOException {
      addLoosely(seq, row);
      writer.commit();
    }

    @Override
    public void addLoosely(long seq, byte[] row) throws IOException {
      Document document = new Document();
      document.add(new StringField("seq", Long.toString(seq), Field.Store.NO));
      document.add(new StoredField("data", row));
      writer.addDocument(document);
    }

    @Override
    public void remove(long seq) throws IOException {
      writer.deleteDocuments(new Term("seq", Long.toString(seq)));
      writer.commit();
    }

    @Override
    public void force() throws IOException {
      writer.commit();
    }

    @Override
    public long read() throws IOException {
      long sum = 0;
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        for (var leaf : reader.leaves()) {
          var live = leaf.reader().getLiveDocs();
          var stored = leaf.reader().storedFields();
          for (int i = 0; i < leaf.reader().maxDoc(); i++) {
            if (live == null || live.get(i)) {
              BytesRef data = stored.document(i).getBinaryValue("data");
              for (int b = 0; b < data.length; b++) {
                sum += data.bytes[data.offset + b] & 0xff;
              }
            }
          }
        }
      }
      return sum;
    }

    @Override
    public void close() throws IOException {
      writer.close();
      directory.close();
    }
  }

  /** Records of number, length, bytes and CRC32C; a removal is a record of length 0. */
  private static final class OwnLog implements Storage {
    private final Path file;
    private final FileChannel channel;

    OwnLog(Path folder) throws IOException {
      file = folder.resolve("rows.log");
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Override
    public void add(long seq, byte[] row) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(12 + row.length + 4);
      bytes.putLong(seq).putInt(row.length).put(row);
      bytes.putInt(checksum(bytes.array(), 12 + row.length)).flip();
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    private static int checksum(byte[] bytes, int length) {
      CRC32C crc = new CRC32C();
      crc.update(bytes, 0, length);
      return (int) crc.getValue();
    }

    @Override
    public void addLoosely(long seq, byte[] row) throws IOException {
      add(seq, row);
    }

    @Override
    public void remove(long seq) throws IOException {
      add(seq, new byte[0]);
    }

    @Override
    public void force() throws IOException {
      channel.force(false);
    }

    @Override
    public long read() throws IOException {
      Map<Long, byte[]> rows = new TreeMap<>();
      try (DataInputStream in =
          new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20))) {
        byte[] head = new byte[12];
        while (in.readNBytes(head, 0, 12) == 12) {
          ByteBuffer start = ByteBuffer.wrap(head);
          long seq = start.getLong();
          byte[] record = new byte[12 + start.getInt()];
          System.arraycopy(head, 0, record, 0, 12);
          in.readFully(record, 12, record.length - 12);
          if (in.readInt() != checksum(record, record.length)) {
            throw new EOFException("record " + seq + " is damaged");
          }
          byte[] row = new byte[record.length - 12];
          System.arraycopy(record, 12, row, 0, row.length);
          if (row.length == 0) {
            rows.remove(seq);
          } else {
            rows.put(seq, row);
          }
        }
      }
      return rows.values().stream().mapToLong(StorageCandidates::sum).sum();
    }

    @Override
    public void close() throws IOException {
      channel.force(false);
      channel.close();
    }
  }
}
