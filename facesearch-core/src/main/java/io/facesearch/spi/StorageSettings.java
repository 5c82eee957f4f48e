package io.facesearch.spi;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How to open a storage in a folder. Immutable and thread-safe. */
public final class StorageSettings {
  /** The default settings, without a key. */
  public static final StorageSettings DEFAULT = new StorageSettings(null);

  private final byte @Nullable [] key;

  private StorageSettings(byte @Nullable [] key) {
    this.key = key;
  }

  /**
   * Returns a copy with an encryption key.
   *
   * @param bytes the key; copied
   * @return a copy
   */
  public StorageSettings key(byte[] bytes) {
    return new StorageSettings(bytes.clone());
  }

  /** {@return a copy of the key; empty if nothing is encrypted} */
  public Optional<byte[]> key() {
    return Optional.ofNullable(key).map(byte[]::clone);
  }
}
