package io.facesearch.store;

import com.google.crypto.tink.KeysetHandle;
import io.facesearch.IndexKeyException;
import io.facesearch.index.internal.file.Seal;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who a store is, and what its rows are sealed with. A copy has the same.
 *
 * @param id names the store; does not change
 * @param header as it is written
 * @param seal of the rows
 */
record StoreIdentity(UUID id, byte[] header, Seal seal) {
  /** With a new data key; without encryption if {@code key} is null. */
  static StoreIdentity create(UUID id, @Nullable StoreKey key) {
    KeysetHandle dataKey = key == null ? null : StoreKey.newDataKey();
    byte[] wrapped = key == null || dataKey == null ? new byte[0] : key.wrap(dataKey, id);
    return new StoreIdentity(
        id,
        new StoreMeta.Header(id, wrapped).encode(),
        dataKey == null ? new Seal(null, id) : StoreKey.seal(dataKey, id));
  }

  /**
   * Reads who the store in a file is.
   *
   * @param key null for none
   */
  static StoreIdentity open(byte[] encoded, @Nullable StoreKey key, DatabaseFile file) {
    StoreMeta.Header header = header(encoded, file);
    if (header.wrapped().length == 0) {
      if (key != null) {
        throw new IndexKeyException(
            "a key was given, but "
                + file.path()
                + " is not encrypted; open it without, and encrypt it with rotateKey");
      }
      return new StoreIdentity(header.id(), encoded, new Seal(null, header.id()));
    }
    if (key == null) {
      throw new IndexKeyException(
          file.path() + " is encrypted, but no key was given; give its key");
    }
    KeysetHandle dataKey = key.unwrap(header.wrapped(), header.id());
    if (dataKey == null) {
      throw new IndexKeyException(
          "the key given is not the one that " + file.path() + " is encrypted with; give that");
    }
    return new StoreIdentity(header.id(), encoded, StoreKey.seal(dataKey, header.id()));
  }

  /**
   * Opens what was sealed.
   *
   * @param what it is, for the message
   */
  byte[] unseal(byte[] sealed, int kind, long number, String what, DatabaseFile file) {
    byte[] plain = sealed == null ? null : seal.open(sealed, kind, number);
    if (plain == null) {
      throw file.corrupt(what + " does not fit its checksum", null);
    }
    return plain;
  }

  /** Checks that a file is still of this store. */
  void check(byte[] encoded, DatabaseFile file) {
    if (!header(encoded, file).id().equals(id)) {
      throw damaged(file);
    }
  }

  private static StoreMeta.Header header(byte[] encoded, DatabaseFile file) {
    StoreMeta.Header header = StoreMeta.Header.decode(encoded);
    if (header == null) {
      throw damaged(file);
    }
    return header;
  }

  private static RuntimeException damaged(DatabaseFile file) {
    return file.corrupt("its header (row 0 of meta) does not fit its checksum", null);
  }
}
