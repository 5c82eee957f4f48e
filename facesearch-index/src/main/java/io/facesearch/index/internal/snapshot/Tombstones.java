package io.facesearch.index.internal.snapshot;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** An immutable set of ordinals that were removed; all others are live. */
public final class Tombstones {
  private static final int CHUNK_WORDS = 64;
  static final Tombstones NONE = new Tombstones(new long[0][], 0);

  /** A chunk without any is null. */
  private final long[][] chunks;

  private final int count;

  private Tombstones(long[][] chunks, int count) {
    this.chunks = chunks;
    this.count = count;
  }

  public int count() {
    return count;
  }

  public boolean contains(int ordinal) {
    return contains(chunks, ordinal);
  }

  private static boolean contains(long[][] chunks, int ordinal) {
    int chunk = ordinal / (64 * CHUNK_WORDS);
    return chunk < chunks.length
        && chunks[chunk] != null
        && (chunks[chunk][ordinal / 64 % CHUNK_WORDS] >>> ordinal & 1) != 0;
  }

  /** With one more, which must not be in it; copies one chunk. */
  public Tombstones with(int ordinal) {
    int chunk = ordinal / (64 * CHUNK_WORDS);
    long[][] copy = Arrays.copyOf(chunks, Math.max(chunks.length, chunk + 1));
    copy[chunk] = copy[chunk] == null ? new long[CHUNK_WORDS] : copy[chunk].clone();
    copy[chunk][ordinal / 64 % CHUNK_WORDS] |= 1L << ordinal;
    return new Tombstones(copy, count + 1);
  }

  /** With more; those that it has already do nothing. Copies each chunk once. */
  Tombstones with(int[] ordinals) {
    long[][] copy = chunks;
    int more = 0;
    for (int ordinal : ordinals) {
      if (contains(copy, ordinal)) {
        continue;
      }
      int chunk = ordinal / (64 * CHUNK_WORDS);
      if (copy == chunks || chunk >= copy.length) {
        copy = Arrays.copyOf(copy, Math.max(copy.length, chunk + 1));
      }
      if (copy[chunk] == null) {
        copy[chunk] = new long[CHUNK_WORDS];
      } else if (chunk < chunks.length && copy[chunk] == chunks[chunk]) {
        copy[chunk] = copy[chunk].clone();
      }
      copy[chunk][ordinal / 64 % CHUNK_WORDS] |= 1L << ordinal;
      more++;
    }
    return more == 0 ? this : new Tombstones(copy, count + more);
  }

  /**
   * The set of the bits of some words, the lowest first.
   *
   * @return null if there are such for ordinals that are not below {@code size}
   */
  public static @Nullable Tombstones of(long[] words, int size) {
    int count = 0;
    long[][] chunks = new long[(words.length + CHUNK_WORDS - 1) / CHUNK_WORDS][CHUNK_WORDS];
    for (int i = 0; i < words.length; i++) {
      chunks[i / CHUNK_WORDS][i % CHUNK_WORDS] = words[i];
      count += Long.bitCount(words[i]);
    }
    boolean isBeyond = size % 64 != 0 && words[words.length - 1] >>> size % 64 != 0;
    return isBeyond ? null : new Tombstones(chunks, count);
  }

  /** The bits of the ordinals below {@code size}, for {@link #of}. */
  public long[] words(int size) {
    long[] words = new long[(size + 63) / 64];
    for (int i = 0; i < words.length; i++) {
      long[] chunk = i / CHUNK_WORDS < chunks.length ? chunks[i / CHUNK_WORDS] : null;
      words[i] = chunk == null ? 0 : chunk[i % CHUNK_WORDS];
    }
    return words;
  }

  /** The ordinals that are in this set and not in an older one that it was made from, in order. */
  public IntStream since(Tombstones older) {
    return IntStream.range(0, chunks.length)
        .filter(i -> i >= older.chunks.length || chunks[i] != older.chunks[i])
        .flatMap(
            i ->
                IntStream.range(i * 64 * CHUNK_WORDS, (i + 1) * 64 * CHUNK_WORDS)
                    .filter(ordinal -> contains(ordinal) && !older.contains(ordinal)));
  }

  /** The ordinals below {@code size} that are live, in order. */
  public int[] live(int size) {
    int[] live = new int[size - count];
    int n = 0;
    for (int ordinal = 0; ordinal < size; ordinal++) {
      if (!contains(ordinal)) {
        live[n++] = ordinal;
      }
    }
    return live;
  }
}
