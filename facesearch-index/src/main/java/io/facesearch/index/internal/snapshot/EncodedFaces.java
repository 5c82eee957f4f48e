package io.facesearch.index.internal.snapshot;

import io.facesearch.CorruptIndexException;
import io.facesearch.FaceRecord;
import io.facesearch.index.internal.codec.FaceCodec;
import io.facesearch.index.internal.codec.MappedSection;
import io.facesearch.index.internal.codec.Section;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Records of faces as bytes, see {@link FaceCodec}, in memory or mapped from a file; each is made
 * when it is asked for, so that opening a million costs little. Immutable once filled.
 */
public final class EncodedFaces {
  private static final int PAGE = 1 << 20;

  /** In a record, behind flags and its length. */
  private static final int ID_AT = 5;

  private static final int LEAST = ID_AT + 1;

  /** Most ids end there. */
  private static final int MOST_AT_ONCE = 64;

  /** Where every so many-th record starts is kept. */
  private static final int STRIDE = 32;

  public final int[] lengths;

  /** Null where they are mapped. */
  private final byte @Nullable [][] pages;

  /** Null where they are not. */
  private final @Nullable MappedSection mapped;

  private final long bytes;
  private final long[] starts;
  private final @Nullable Path file;

  private EncodedFaces(
      int[] lengths,
      byte @Nullable [][] pages,
      @Nullable MappedSection mapped,
      long bytes,
      @Nullable Path file) {
    this.lengths = lengths;
    this.pages = pages;
    this.mapped = mapped;
    this.bytes = bytes;
    this.file = file;
    starts = new long[(lengths.length + STRIDE - 1) / STRIDE];
  }

  /** The records of faces, but nothing of those removed. */
  public static EncodedFaces of(Faces faces, Tombstones removed) {
    int[] lengths = new int[faces.size()];
    List<byte[]> pages = new ArrayList<>();
    int free = 0;
    long bytes = 0;
    for (int i = 0; i < lengths.length; i++) {
      byte[] record = removed.contains(i) ? new byte[0] : faces.encoded(i);
      lengths[i] = record.length;
      bytes += record.length;
      for (int done = 0; done < record.length; ) {
        if (free == 0) {
          pages.add(new byte[PAGE]);
          free = PAGE;
        }
        int count = Math.min(free, record.length - done);
        System.arraycopy(record, done, pages.get(pages.size() - 1), PAGE - free, count);
        free -= count;
        done += count;
      }
    }
    if (free > 0) {
      pages.set(pages.size() - 1, Arrays.copyOf(pages.get(pages.size() - 1), PAGE - free));
    }
    return new EncodedFaces(lengths, pages.toArray(new byte[0][]), null, bytes, null);
  }

  /** To be filled: the lengths first, then the pages. */
  public EncodedFaces(int count, long bytes, Path file) {
    this(new int[count], pages(bytes), null, bytes, file);
  }

  private static byte[][] pages(long bytes) {
    byte[][] pages = new byte[Math.toIntExact((bytes + PAGE - 1) / PAGE)][];
    for (int i = 0; i < pages.length; i++) {
      pages[i] = new byte[(int) Math.min(PAGE, bytes - (long) i * PAGE)];
    }
    return pages;
  }

  /** To be filled: the lengths. */
  public EncodedFaces(int count, MappedSection mapped, Path file) {
    this(new int[count], null, mapped, mapped.bytes, file);
  }

  int size() {
    return lengths.length;
  }

  /** Call when the lengths are filled; false if they do not fit the pages. */
  public boolean place() {
    long at = 0;
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] < 0) {
        return false;
      }
      if (i % STRIDE == 0) {
        starts[i / STRIDE] = at;
      }
      at += lengths[i];
    }
    return at == bytes;
  }

  private long start(int ordinal) {
    long at = starts[ordinal / STRIDE];
    for (int i = ordinal & -STRIDE; i < ordinal; i++) {
      at += lengths[i];
    }
    return at;
  }

  /** Whether a face was removed before its file was written, which then has nothing of it. */
  boolean isGone(int ordinal) {
    return lengths[ordinal] == 0;
  }

  /** All of them, to be written or filled. */
  public Section section() {
    return mapped != null
        ? new Section("records", mapped)
        : new Section("records", (Object[]) Objects.requireNonNull(pages));
  }

  void close() {
    if (mapped != null) {
      mapped.close();
    }
  }

  /** The bytes of a record. */
  byte[] bytes(int ordinal) {
    return read(start(ordinal), lengths[ordinal]);
  }

  private byte[] read(long start, int length) {
    byte[] read = new byte[length];
    for (int done = 0; done < length; ) {
      long at = start + done;
      int count = length - done;
      if (pages != null) {
        byte[] page = pages[(int) (at / PAGE)];
        int from = (int) (at % PAGE);
        count = Math.min(count, page.length - from);
        System.arraycopy(page, from, read, done, count);
      } else {
        Objects.requireNonNull(mapped).read(at, read, done, count);
      }
      done += count;
    }
    return read;
  }

  FaceRecord get(int ordinal) {
    try {
      return FaceCodec.decode(bytes(ordinal));
    } catch (IllegalArgumentException e) {
      throw corrupt("the record of face " + ordinal + " is none (" + e.getMessage() + ")", e);
    }
  }

  CorruptIndexException corrupt(String what, @Nullable Throwable cause) {
    return new CorruptIndexException(
        "the index file " + file + " is damaged: " + what + "; restore it from a copy", cause);
  }

  /** The bytes of the id of a face, or null if its record can have none. */
  byte @Nullable [] id(int ordinal) {
    if (lengths[ordinal] < LEAST) {
      return null;
    }
    byte[] start = read(start(ordinal), Math.min(lengths[ordinal], MOST_AT_ONCE));
    int length = ByteBuffer.wrap(start, 1, 4).order(ByteOrder.LITTLE_ENDIAN).getInt();
    if (length <= 0 || length > lengths[ordinal] - ID_AT) {
      return null;
    }
    return length <= start.length - ID_AT
        ? Arrays.copyOfRange(start, ID_AT, ID_AT + length)
        : read(start(ordinal) + ID_AT, length);
  }
}
