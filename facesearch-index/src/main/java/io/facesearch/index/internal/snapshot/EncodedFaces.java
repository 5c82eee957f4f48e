package io.facesearch.index.internal.snapshot;

import io.facesearch.CorruptIndexException;
import io.facesearch.FaceRecord;
import io.facesearch.index.internal.codec.FaceCodec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records of faces as bytes, see {@link FaceCodec}; each is made when it is asked for, so that
 * opening a million costs little. Immutable once filled.
 */
public final class EncodedFaces {
  private static final int PAGE = 1 << 20;

  /** Flags, length of the id, one byte of it. */
  private static final int LEAST = 6;

  public final int[] lengths;
  public final byte[][] pages;
  private final long[] starts;
  private final @Nullable Path file;

  private EncodedFaces(int[] lengths, byte[][] pages) {
    this.lengths = lengths;
    this.pages = pages;
    file = null;
    starts = new long[lengths.length + 1];
  }

  /** The records of faces, but nothing of those removed. */
  public static EncodedFaces of(Faces faces, Tombstones removed) {
    int[] lengths = new int[faces.size()];
    List<byte[]> pages = new ArrayList<>();
    int free = 0;
    for (int i = 0; i < lengths.length; i++) {
      byte[] record = removed.contains(i) ? new byte[0] : FaceCodec.encode(faces.get(i));
      lengths[i] = record.length;
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
    return new EncodedFaces(lengths, pages.toArray(new byte[0][]));
  }

  /** To be filled: the lengths first, then the pages. */
  public EncodedFaces(int count, long bytes, Path file) {
    this.file = file;
    lengths = new int[count];
    starts = new long[count + 1];
    pages = new byte[Math.toIntExact((bytes + PAGE - 1) / PAGE)][];
    for (int i = 0; i < pages.length; i++) {
      pages[i] = new byte[(int) Math.min(PAGE, bytes - (long) i * PAGE)];
    }
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
      at += lengths[i];
      starts[i + 1] = at;
    }
    return at
        == (pages.length == 0 ? 0 : (pages.length - 1L) * PAGE + pages[pages.length - 1].length);
  }

  /** Whether a face was removed before its file was written, which then has nothing of it. */
  boolean isGone(int ordinal) {
    return lengths[ordinal] == 0;
  }

  FaceRecord get(int ordinal) {
    byte[] bytes = new byte[lengths[ordinal]];
    for (int done = 0; done < bytes.length; ) {
      long at = starts[ordinal] + done;
      byte[] page = pages[(int) (at / PAGE)];
      int from = (int) (at % PAGE);
      int count = Math.min(bytes.length - done, page.length - from);
      System.arraycopy(page, from, bytes, done, count);
      done += count;
    }
    try {
      return FaceCodec.decode(bytes);
    } catch (IllegalArgumentException e) {
      throw new CorruptIndexException(
          "the index file "
              + file
              + " is damaged: the record of face "
              + ordinal
              + " is none ("
              + e.getMessage()
              + "); restore it from a copy",
          e);
    }
  }

  /** Whether the record of a face can have an id. */
  boolean hasId(int ordinal) {
    if (lengths[ordinal] < LEAST) {
      return false;
    }
    int length = idLength(ordinal);
    return length > 0 && length <= lengths[ordinal] - 5;
  }

  /** Where the id of a face starts, behind its length. */
  long idAt(int ordinal) {
    return starts[ordinal] + 5;
  }

  /** Bytes of the id of a face. */
  int idLength(int ordinal) {
    long at = starts[ordinal] + 1;
    return (at(at) & 0xff)
        | (at(at + 1) & 0xff) << 8
        | (at(at + 2) & 0xff) << 16
        | at(at + 3) << 24;
  }

  byte at(long at) {
    return pages[(int) (at / PAGE)][(int) (at % PAGE)];
  }
}
