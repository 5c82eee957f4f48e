package io.facesearch.index.internal.snapshot;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * From id to ordinal for {@link EncodedFaces}: a hash table of numbers, which is made much faster
 * than a map of a million strings. Immutable.
 *
 * <p>The hash of a text of bytes b is the upper half of {@code k + Σ k[i]·b[i]} (mod 2^64) with
 * random k, part by part; nobody who does not know k can choose ids that collide (Lemire and Kaser,
 * Strongly universal string hashing is fast, 2014).
 */
public final class IdTable {
  private static final int PART = 64;
  public static final int MOST = 1 << 28;

  private final EncodedFaces faces;
  private final long[] keys = new long[PART + 2];

  /** By hash: the hash in the upper half, ordinal + 1 in the lower one; 0 where there is none. */
  private final long[] slots;

  private IdTable(EncodedFaces faces, int count) {
    this.faces = faces;
    slots = new long[Integer.highestOneBit(Math.max(1, count)) << 2];
    Random random = new Random(new java.security.SecureRandom().nextLong());
    for (int i = 0; i < keys.length; i++) {
      keys[i] = random.nextLong();
    }
  }

  /**
   * Makes the table of the faces that are live.
   *
   * @return null if an id occurs twice or has no valid length
   */
  public static @Nullable IdTable of(EncodedFaces faces, Tombstones removed) {
    IdTable table = new IdTable(faces, faces.size() - removed.count());
    for (int ordinal = 0; ordinal < faces.size(); ordinal++) {
      if (!removed.contains(ordinal) && !table.put(ordinal)) {
        return null;
      }
    }
    return table;
  }

  private boolean put(int ordinal) {
    if (!faces.hasId(ordinal)) {
      return false;
    }
    int length = faces.idLength(ordinal);
    long at = faces.idAt(ordinal);
    long hash = keys[0];
    for (int i = 0; i < length; i++) {
      hash = next(hash, i, faces.at(at + i));
    }
    int tag = finish(hash, length);
    int slot = tag & slots.length - 1;
    while (slots[slot] != 0) {
      if ((int) (slots[slot] >>> 32) == tag && isSame((int) slots[slot] - 1, at, length)) {
        return false;
      }
      slot = slot + 1 & slots.length - 1;
    }
    slots[slot] = (long) tag << 32 | ordinal + 1;
    return true;
  }

  private boolean isSame(int ordinal, long at, int length) {
    if (faces.idLength(ordinal) != length) {
      return false;
    }
    long other = faces.idAt(ordinal);
    for (int i = 0; i < length; i++) {
      if (faces.at(other + i) != faces.at(at + i)) {
        return false;
      }
    }
    return true;
  }

  private long next(long hash, int i, byte value) {
    int place = i % PART;
    long before = place == 0 && i > 0 ? keys[0] + keys[PART + 1] * (hash >>> 32) : hash;
    return before + keys[place + 1] * (value & 0xff);
  }

  private int finish(long hash, int length) {
    return (int) ((keys[0] + keys[PART + 1] * (hash >>> 32) + keys[1] * length) >>> 32);
  }

  /** The ordinal of an id, or -1. */
  int find(String id) {
    byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
    if (!new String(bytes, StandardCharsets.UTF_8).equals(id)) {
      return -1; // no valid Unicode, so it was not stored
    }
    long hash = keys[0];
    for (int i = 0; i < bytes.length; i++) {
      hash = next(hash, i, bytes[i]);
    }
    int tag = finish(hash, bytes.length);
    for (int slot = tag & slots.length - 1; slots[slot] != 0; slot = slot + 1 & slots.length - 1) {
      int ordinal = (int) slots[slot] - 1;
      if ((int) (slots[slot] >>> 32) == tag && isSame(ordinal, bytes)) {
        return ordinal;
      }
    }
    return -1;
  }

  private boolean isSame(int ordinal, byte[] id) {
    if (faces.idLength(ordinal) != id.length) {
      return false;
    }
    long at = faces.idAt(ordinal);
    for (int i = 0; i < id.length; i++) {
      if (faces.at(at + i) != id[i]) {
        return false;
      }
    }
    return true;
  }
}
