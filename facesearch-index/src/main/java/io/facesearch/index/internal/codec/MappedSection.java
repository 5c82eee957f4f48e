package io.facesearch.index.internal.codec;

import io.facesearch.CorruptIndexException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of a file that are read where they lie, mapped into memory. Each block of them is
 * compared with its checksum when something in it is read for the first time, so that opening reads
 * nothing, and what is damaged is told instead of used. Thread-safe.
 *
 * <p>If another program truncates the file, the pages beyond its end cannot be read. The JVM does
 * not crash then, but leaves what was to be overwritten as it was, and throws an InternalError now
 * or later. So ends of the target are marked before each copy: where a mark is left, it is told,
 * and the error taken. Each copy goes from the first byte to the last.
 */
public final class MappedSection {
  /** Bytes that have a checksum. */
  public static final int BLOCK = 1 << 12;

  /** A buffer holds less than 2^31 bytes. */
  private static final long SEGMENT = 1L << 30;

  private static final byte MARK = 0x55;

  /** Volatile, so that compilers do not know it. */
  private static volatile int one = 1;

  /** What the numbers are. */
  public enum Kind {
    BYTES,
    /** From 0 to the limit. */
    INTS,
    /** Finite. */
    FLOATS
  }

  public final String name;
  public final long bytes;
  private final Path file;
  private final long start;
  private final Kind kind;
  private final int limit;
  private final int[] checksums;

  /**
   * A bit for each block that was found right. Threads may lose each other's bits, and check again
   * then.
   */
  private final long[] checked;

  /** Null once it is closed. */
  private volatile @Nullable Views views;

  private record Views(ByteBuffer[] bytes, IntBuffer[] ints, FloatBuffer[] floats) {}

  /**
   * Maps a section.
   *
   * @param start where it lies in the file, a multiple of 4
   * @param kind what its bytes are
   * @param limit of INTS, not included
   * @param unit bytes that are read at a time, at most
   * @param checksums CRC32C of each block
   */
  public MappedSection(
      String name,
      Path file,
      FileChannel channel,
      long start,
      long bytes,
      Kind kind,
      int limit,
      int unit,
      int[] checksums)
      throws IOException {
    this.name = name;
    this.file = file;
    this.start = start;
    this.bytes = bytes;
    this.kind = kind;
    this.limit = limit;
    this.checksums = checksums;
    checked = new long[(checksums.length + 63) / 64];
    int count = Math.toIntExact((bytes + SEGMENT - 1) / SEGMENT);
    Views all = new Views(new ByteBuffer[count], new IntBuffer[count], new FloatBuffer[count]);
    for (int i = 0; i < count; i++) {
      // They overlap, so that what begins in one ends in it.
      long length = Math.min(bytes - i * SEGMENT, SEGMENT + Math.max(unit, BLOCK));
      ByteBuffer mapped =
          channel
              .map(FileChannel.MapMode.READ_ONLY, start + i * SEGMENT, length)
              .order(ByteOrder.LITTLE_ENDIAN);
      all.bytes[i] = mapped;
      all.ints[i] = mapped.asIntBuffer();
      all.floats[i] = mapped.asFloatBuffer();
    }
    views = all;
  }

  /** How many checksums so many bytes have. */
  public static int blocks(long bytes) {
    return Math.toIntExact((bytes + BLOCK - 1) / BLOCK);
  }

  /**
   * Reads floats.
   *
   * @param at byte of the first
   */
  public void read(long at, float[] target, int offset, int count) {
    try {
      Views now = ready(at, 4L * count);
      int last = offset + count - 1;
      target[offset] = Float.NaN;
      target[last] = Float.NaN;
      now.floats[(int) (at / SEGMENT)].get((int) (at % SEGMENT) >> 2, target, offset, count);
      if (Float.isNaN(target[offset]) || Float.isNaN(target[last])) {
        throw unreadable(pending());
      }
    } catch (InternalError e) {
      throw unreadable(e);
    }
  }

  /**
   * Reads as many ints as there is room for.
   *
   * @param at byte of the first
   */
  public void read(long at, int[] target) {
    try {
      Views now = ready(at, 4L * target.length);
      int last = target.length - 1;
      target[0] = -1;
      target[last] = -1;
      now.ints[(int) (at / SEGMENT)].get((int) (at % SEGMENT) >> 2, target);
      if (target[0] < 0 || target[last] < 0) {
        throw unreadable(pending());
      }
    } catch (InternalError e) {
      throw unreadable(e);
    }
  }

  /**
   * Reads bytes.
   *
   * @param at the first
   */
  public void read(long at, byte[] target, int offset, int count) {
    try {
      for (int done = 0; done < count; ) {
        int some = Math.min(BLOCK, count - done);
        readFew(ready(at + done, some), at + done, target, offset + done, some);
        done += some;
      }
    } catch (InternalError e) {
      throw unreadable(e);
    }
  }

  private void readFew(Views now, long at, byte[] target, int offset, int count) {
    int left = marksLeft(now, at, target, offset, count, MARK);
    // A byte of the file may be as the mark, but not as both.
    if (left != 0 && (left & marksLeft(now, at, target, offset, count, (byte) ~MARK)) != 0) {
      throw unreadable(pending());
    }
  }

  /** Copies bytes; tells which ends are still as they were marked. */
  private static int marksLeft(
      Views now, long at, byte[] target, int offset, int count, byte mark) {
    int last = offset + count - 1;
    target[offset] = mark;
    target[last] = mark;
    copy(now, at, target, offset, count);
    return (target[offset] == mark ? 1 : 0) | (target[last] == mark ? 2 : 0);
  }

  private static void copy(Views now, long at, byte[] target, int offset, int count) {
    now.bytes[(int) (at / SEGMENT)].get((int) (at % SEGMENT), target, offset, count);
  }

  /** The buffers, when the blocks of what is to be read were checked. */
  private Views ready(long at, long count) {
    Views now = views;
    if (now == null) {
      throw new IllegalStateException(
          "the index of " + file + " is closed; open it again, and close it when nobody uses it");
    }
    int last = (int) ((at + count - 1) / BLOCK);
    for (int block = (int) (at / BLOCK); block <= last; block++) {
      if ((checked[block >>> 6] >>> block & 1) == 0) {
        check(now, block);
      }
    }
    return now;
  }

  private void check(Views now, int block) {
    long from = (long) block * BLOCK;
    byte[] copy = new byte[(int) Math.min(BLOCK, bytes - from)];
    copy(now, from, copy, 0, copy.length);
    if (checksum(copy, 0, copy.length) != checksums[block]) {
      throw corrupt(from, "does not fit its checksum", pending());
    }
    if (!isSound(kind, limit, ByteBuffer.wrap(copy))) {
      throw corrupt(from, "holds a number that cannot be", null);
    }
    checked[block >>> 6] |= 1L << block;
  }

  /** The checksum of a block. */
  public static int checksum(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }

  private static boolean isSound(Kind kind, int limit, ByteBuffer block) {
    ByteBuffer numbers = block.order(ByteOrder.LITTLE_ENDIAN);
    boolean sound = true;
    for (int i = 0; kind != Kind.BYTES && i < numbers.limit(); i += 4) {
      int number = numbers.getInt(i);
      sound &=
          kind == Kind.INTS ? number >= 0 && number < limit : (number & 0x7f800000) != 0x7f800000;
    }
    return sound;
  }

  /** Checks all of it. */
  public void checkAll() {
    try {
      for (long at = 0; at < bytes; at += BLOCK) {
        ready(at, 1);
      }
    } catch (InternalError e) {
      throw unreadable(e);
    }
  }

  /**
   * Lets go of the file: what is read later throws IllegalStateException. Who reads just now may go
   * on. The memory is given back when nobody does and garbage was collected.
   */
  public void close() {
    views = null;
  }

  private CorruptIndexException unreadable(@Nullable InternalError thrown) {
    return corrupt(
        0, "cannot be read any more: another program has truncated it, or the disk failed", thrown);
  }

  private CorruptIndexException corrupt(long at, String what, @Nullable InternalError cause) {
    return new CorruptIndexException(
        "the index file "
            + file
            + " is damaged at offset "
            + (start + at)
            + ": a block of the "
            + name
            + " "
            + what
            + "; restore it from a copy (of a store, the tree file may be deleted: it is rebuilt)",
        cause);
  }

  /**
   * The error that the JVM owes this thread after a page that cannot be read; null if none. It
   * throws it when the thread enters the JVM from Java, which compiled code seldom does: that an
   * array of arrays of a length that no compiler knows is made there is the most reliable way.
   */
  private static @Nullable InternalError pending() {
    try {
      byte[][] made = new byte[one][1];
      return made.length == 1 ? null : new InternalError();
    } catch (InternalError e) {
      return e;
    }
  }
}
