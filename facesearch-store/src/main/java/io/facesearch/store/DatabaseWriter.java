package io.facesearch.store;

import io.facesearch.index.internal.file.Seal;
import io.facesearch.index.internal.snapshot.VectorSpace;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Writes a new database file, row by row; it is not forced. Not thread-safe. */
final class DatabaseWriter implements AutoCloseable {
  private final Connection target;
  private final PreparedStatement add;
  private final Seal seal;
  private long count;
  private long digest;

  /**
   * Begins a file.
   *
   * @param path replaced if it exists
   * @param seal of all that is written
   */
  DatabaseWriter(Path path, Seal seal) throws IOException, SQLException {
    this.seal = seal;
    target = DatabaseFile.create(path);
    PreparedStatement prepared = null;
    try {
      target.setAutoCommit(false);
      prepared = target.prepareStatement("INSERT INTO faces VALUES(?,?)");
    } finally {
      if (prepared == null) {
        target.close();
      }
    }
    add = prepared;
  }

  /** Writes a row; they come in order of their seqs. */
  void row(long seq, byte[] plain) throws SQLException {
    count++;
    digest += StoreState.digest(seq, plain);
    add.setLong(1, seq);
    add.setBytes(2, seal.seal(plain, StoreMeta.FACE, seq));
    add.executeUpdate();
  }

  long count() {
    return count;
  }

  /** Sum of {@link StoreState#digest} over the rows. */
  long digest() {
    return digest;
  }

  /**
   * Completes the file.
   *
   * @param people null for none
   * @param roots null for none
   */
  void finish(
      byte[] header,
      VectorSpace space,
      StoreState state,
      byte @Nullable [] people,
      byte @Nullable [] roots)
      throws SQLException {
    try (PreparedStatement put = target.prepareStatement("INSERT INTO meta VALUES(?,?)")) {
      put(put, StoreMeta.HEADER, header);
      put(put, StoreMeta.SPACE, seal.seal(StoreMeta.encode(space), StoreMeta.SPACE, 0));
      put(put, StoreMeta.STATE, seal.seal(state.encode(), StoreMeta.STATE, 0));
      if (people != null) {
        put(put, StoreMeta.PEOPLE, seal.seal(people, StoreMeta.PEOPLE, 0));
      }
      if (roots != null) {
        put(put, StoreMeta.ROOTS, seal.seal(roots, StoreMeta.ROOTS, 0));
      }
    }
    target.commit();
  }

  private static void put(PreparedStatement put, int id, byte[] data) throws SQLException {
    put.setInt(1, id);
    put.setBytes(2, data);
    put.executeUpdate();
  }

  @Override
  public void close() throws SQLException {
    try (target) {
      add.close();
    }
  }
}
