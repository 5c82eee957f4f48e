package io.facesearch.index.internal.snapshot;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

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
    // At most 3 in 4 are taken.
    slots = new long[Integer.highestOneBit(Math.max(1, count + count / 3)) << 1];
    Random random = new Random(new java.security.SecureRandom().nextLong());
    for (int i = 0; i < keys.length; i++) {
      keys[i] = random.nextLong();
    }
  }

  /**
   * Makes the table of the faces that are live.
   *
   * @throws io.facesearch.CorruptIndexException if an id occurs twice or has no valid length
   */
  public static IdTable of(EncodedFaces faces, Tombstones removed) {
    IdTable table = new IdTable(faces, faces.size() - removed.count());
    for (int ordinal = 0; ordinal < faces.size(); ordinal++) {
      if (!removed.contains(ordinal) && !table.put(ordinal)) {
        throw faces.corrupt("the id of face " + ordinal + " is missing or occurs twice", null);
      }
    }
    return table;
  }

  private boolean put(int ordinal) {
    byte[] id = faces.id(ordinal);
    if (id == null) {
      return false;
    }
    int tag = hash(id);
    int slot = slot(tag, id);
    if (slots[slot] != 0) {
      return false;
    }
    slots[slot] = (long) tag << 32 | ordinal + 1;
    return true;
  }

  /** The slot of an id, or the free one where it would be. */
  private int slot(int tag, byte[] id) {
    int slot = tag & slots.length - 1;
    while (slots[slot] != 0
        && ((int) (slots[slot] >>> 32) != tag
            || !Arrays.equals(faces.id((int) slots[slot] - 1), id))) {
      slot = slot + 1 & slots.length - 1;
    }
    return slot;
  }

  private int hash(byte[] id) {
    long hash = keys[0];
    for (int i = 0; i < id.length; i++) {
      hash = next(hash, i, id[i]);
    }
    return finish(hash, id.length);
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
    return (int) slots[slot(hash(bytes), bytes)] - 1;
  }
}
