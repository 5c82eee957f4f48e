package io.facesearch.spi;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a storage in a folder is to be opened. Immutable and thread-safe. */
public final class StorageSettings {
  /** As it comes, without a key. */
  public static final StorageSettings DEFAULT = new StorageSettings(null);

  private final byte @Nullable [] key;

  private StorageSettings(byte @Nullable [] key) {
    this.key = key;
  }

  /**
   * The same with a key that everything is encrypted with.
   *
   * @param bytes the key; copied
   * @return a copy
   */
  public StorageSettings key(byte[] bytes) {
    return new StorageSettings(bytes.clone());
  }

  /** {@return a copy of the key; empty for no encryption} */
  public Optional<byte[]> key() {
    return Optional.ofNullable(key).map(byte[]::clone);
  }
}
