package io.facesearch.index.internal.snapshot;

import io.facesearch.FaceRecord;
import io.facesearch.index.internal.codec.FaceCodec;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An immutable view on the first {@code size} faces of an append-only list, in order of insertion,
 * each with a number that means something to the caller only.
 *
 * <p>Views share their chunks: {@link #append} writes only behind the end of the view it is called
 * on, so it costs O(1) a face, and older views never notice. It may be called on the newest view
 * only, by one thread at a time; a new view must reach other threads by safe publication.
 */
public final class Faces {
  private static final int CHUNK = 256;
  static final Faces EMPTY = new Faces(null, new FaceRecord[0][], new long[0][], 0);

  /** The first ones, of which those without a record were not asked for yet; null for none. */
  private final @Nullable EncodedFaces encoded;

  private static final long[] NO_NUMBERS = new long[CHUNK];
  private static final FaceRecord GONE = FaceRecord.of("(removed)");

  private final FaceRecord[][] chunks;
  private final long[][] numbers;
  private final int size;

  private Faces(@Nullable EncodedFaces encoded, FaceRecord[][] chunks, long[][] numbers, int size) {
    this.encoded = encoded;
    this.chunks = chunks;
    this.numbers = numbers;
    this.size = size;
  }

  /**
   * Begins with faces as bytes.
   *
   * @param numbers empty if all are 0
   */
  public static Faces of(EncodedFaces encoded, long[] numbers) {
    int size = encoded.size();
    int count = (size + CHUNK - 1) / CHUNK;
    FaceRecord[][] records = new FaceRecord[count][];
    long[][] chunks = new long[count][];
    for (int i = 0; i < count; i++) {
      int from = i * CHUNK;
      int length = Math.min(CHUNK, size - from);
      if (i == 0 || length < CHUNK) {
        records[i] = new FaceRecord[CHUNK]; // the others when they are asked for
      }
      if (numbers.length == 0 && length == CHUNK) {
        chunks[i] = NO_NUMBERS;
      } else {
        chunks[i] = new long[CHUNK];
        System.arraycopy(
            numbers,
            Math.min(from, numbers.length),
            chunks[i],
            0,
            numbers.length == 0 ? 0 : length);
      }
    }
    return new Faces(encoded, records, chunks, size);
  }

  /** Lets go of a file that they are mapped from. */
  public void close() {
    if (encoded != null) {
      encoded.close();
    }
  }

  /** The bytes of a record; it need not be made for that. */
  byte[] encoded(int ordinal) {
    return encoded != null && ordinal < encoded.size()
        ? encoded.bytes(ordinal)
        : FaceCodec.encode(get(ordinal));
  }

  public int size() {
    return size;
  }

  /** Whether this is an older view, or one that was appended to it since. */
  boolean continues(Faces older) {
    return older.size == 0 || (chunks.length > 0 && chunks[0] == older.chunks[0]);
  }

  public FaceRecord get(int ordinal) {
    FaceRecord[] chunk = chunks[ordinal / CHUNK];
    if (chunk == null) {
      chunk = new FaceRecord[CHUNK];
      chunks[ordinal / CHUNK] = chunk;
    }
    FaceRecord face = chunk[ordinal % CHUNK];
    if (face == null) {
      // Threads may do so at the same time: records are immutable, and equal.
      face = Objects.requireNonNull(encoded).get(ordinal);
      chunk[ordinal % CHUNK] = face;
    }
    return face;
  }

  /**
   * The same, or one without name and tags where a removed face was not even read from its file.
   */
  FaceRecord getOrGone(int ordinal) {
    FaceRecord[] chunk = chunks[ordinal / CHUNK];
    return (chunk == null || chunk[ordinal % CHUNK] == null)
            && encoded != null
            && encoded.isGone(ordinal)
        ? GONE
        : get(ordinal);
  }

  /** The caller's number of a face. */
  public long number(int ordinal) {
    return numbers[ordinal / CHUNK][ordinal % CHUNK];
  }

  public Faces append(FaceRecord face, long number) {
    int chunk = size / CHUNK;
    FaceRecord[][] grown = chunks;
    long[][] grownNumbers = numbers;
    if (chunk == chunks.length) {
      // Room for more, so that a long list is not copied for every chunk.
      grown = Arrays.copyOf(chunks, chunk + 1 + chunk / 8);
      grownNumbers = Arrays.copyOf(numbers, grown.length);
    }
    if (grown[chunk] == null) {
      grown[chunk] = new FaceRecord[CHUNK];
      grownNumbers[chunk] = new long[CHUNK];
    }
    grown[chunk][size % CHUNK] = face;
    grownNumbers[chunk][size % CHUNK] = number;
    return new Faces(encoded, grown, grownNumbers, Math.addExact(size, 1));
  }
}
