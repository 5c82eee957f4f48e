package io.facesearch.store;

import io.facesearch.index.internal.snapshot.VectorSpace;
import java.io.IOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What a database says of itself: who it is, what vectors it has, and what its rows amount to. */
record StoreDescription(StoreIdentity identity, VectorSpace space, StoreState state) {
  /**
   * Reads it; decides what opens the rows.
   *
   * @param key null for none
   */
  static StoreDescription read(DatabaseTables tables, @Nullable StoreKey key, DatabaseFile file)
      throws IOException, SQLException {
    StoreIdentity identity = StoreIdentity.open(require(tables, StoreMeta.HEADER, file), key, file);
    return of(identity, tables, file);
  }

  /** Reads it anew, and checks that nothing has changed that was not changed here. */
  void check(DatabaseTables tables, DatabaseFile file) throws IOException, SQLException {
    identity.check(require(tables, StoreMeta.HEADER, file), file);
    if (!of(identity, tables, file).equals(this)) {
      throw file.corrupt("its description is not what it was when it was opened", null);
    }
  }

  private static StoreDescription of(
      StoreIdentity identity, DatabaseTables tables, DatabaseFile file)
      throws IOException, SQLException {
    VectorSpace space = space(identity, tables, file);
    return new StoreDescription(identity, space, state(identity, space, tables, file));
  }

  private static VectorSpace space(StoreIdentity identity, DatabaseTables tables, DatabaseFile file)
      throws SQLException {
    byte[] sealed = require(tables, StoreMeta.SPACE, file);
    try {
      return StoreMeta.decodeSpace(
          identity.unseal(sealed, StoreMeta.SPACE, 0, "the description of its vectors", file));
    } catch (IllegalArgumentException e) {
      throw file.corrupt("the description of its vectors cannot be: " + e.getMessage(), e);
    }
  }

  private static StoreState state(
      StoreIdentity identity, VectorSpace space, DatabaseTables tables, DatabaseFile file)
      throws IOException, SQLException {
    byte[] sealed = require(tables, StoreMeta.STATE, file);
    StoreState read;
    try {
      read = StoreMeta.decodeState(identity.unseal(sealed, StoreMeta.STATE, 0, "its state", file));
    } catch (IllegalArgumentException e) {
      throw file.corrupt("its state cannot be: " + e.getMessage(), e);
    }
    if (!read.isPossible(space, file.bytes())) {
      throw file.corrupt("its state cannot be: " + read + " with " + space, null);
    }
    return read;
  }

  private static byte[] require(DatabaseTables tables, int row, DatabaseFile file)
      throws SQLException {
    byte[] data = tables.meta(row);
    if (data == null) {
      throw file.corrupt("row " + row + " of meta is missing", null);
    }
    return data;
  }
}
