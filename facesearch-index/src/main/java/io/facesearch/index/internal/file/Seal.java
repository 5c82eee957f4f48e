package io.facesearch.index.internal.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Makes damage of stored bytes show, and hides them where there is a key. What is sealed in one
 * place of one store opens nowhere else. Thread-safe.
 */
public final class Seal {
  /** Authenticated encryption of bytes that belong in a place. Thread-safe. */
  public interface Cipher {
    /** Other bytes each time. */
    byte[] encrypt(byte[] plain, byte[] place) throws GeneralSecurityException;

    /** Fails for bytes of another place, key or content. */
    byte[] decrypt(byte[] sealed, byte[] place) throws GeneralSecurityException;
  }

  private static final int CHECKSUM = 4;

  /** Null where nothing is hidden. */
  private final @Nullable Cipher cipher;

  private final UUID store;

  public Seal(@Nullable Cipher cipher, UUID store) {
    this.cipher = cipher;
    this.store = store;
  }

  public boolean hides() {
    return cipher != null;
  }

  /** How many more bytes than plain ones sealed ones are. */
  int overhead() {
    return seal(new byte[0], 0, 0).length;
  }

  /**
   * Seals bytes.
   *
   * @param kind what they are
   * @param number which of them
   */
  public byte[] seal(byte[] plain, int kind, long number) {
    byte[] place = place(kind, number);
    if (cipher == null) {
      byte[] sealed = Arrays.copyOf(plain, plain.length + CHECKSUM);
      ByteBuffer.wrap(sealed)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(plain.length, checksum(place, plain, plain.length));
      return sealed;
    }
    try {
      return cipher.encrypt(plain, place);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM failed", e);
    }
  }

  /** As {@link #open}, for the first bytes of an array; without a copy where nothing is hidden. */
  public @Nullable ByteBuffer open(byte[] sealed, int length, int kind, long number) {
    if (cipher != null) {
      byte[] plain = open(Arrays.copyOf(sealed, length), kind, number);
      return plain == null ? null : ByteBuffer.wrap(plain);
    }
    ByteBuffer whole = ByteBuffer.wrap(sealed, 0, length).order(ByteOrder.LITTLE_ENDIAN);
    int end = length - CHECKSUM;
    return end >= 0 && whole.getInt(end) == checksum(place(kind, number), sealed, end)
        ? whole.limit(end)
        : null;
  }

  /** The bytes, or null if they are not what was sealed there. */
  public byte @Nullable [] open(byte[] sealed, int kind, long number) {
    byte[] place = place(kind, number);
    if (cipher == null) {
      int length = sealed.length - CHECKSUM;
      return length < 0
              || ByteBuffer.wrap(sealed).order(ByteOrder.LITTLE_ENDIAN).getInt(length)
                  != checksum(place, sealed, length)
          ? null
          : Arrays.copyOf(sealed, length);
    }
    try {
      return cipher.decrypt(sealed, place);
    } catch (GeneralSecurityException e) {
      return null;
    }
  }

  private byte[] place(int kind, long number) {
    return ByteBuffer.allocate(25)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) kind)
        .putLong(store.getMostSignificantBits())
        .putLong(store.getLeastSignificantBits())
        .putLong(number)
        .array();
  }

  private static int checksum(byte[] place, byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(place);
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
