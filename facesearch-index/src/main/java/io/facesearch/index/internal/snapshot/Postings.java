package io.facesearch.index.internal.snapshot;

import java.util.Arrays;

/**
 * The ordinals of the faces that have something in common, in order; some may be removed by now.
 * Grows only, by one thread at a time; a {@link Slice} stays as it is.
 */
final class Postings {
  /** Of a map with one, beside the ordinals: node, object, array. */
  static final long OVERHEAD = 32 + 24 + 16;

  /** The first ordinals, as they were. */
  record Slice(int[] ordinals, int from, int to) {
    static final Slice NONE = new Slice(new int[0], 0, 0);

    int size() {
      return to - from;
    }
  }

  private int[] ordinals = new int[1];
  private int size;

  /** Of those, so many are not removed; the owner counts. */
  int live;

  /** Adds one, and returns by how many bytes that grew it. */
  long add(int ordinal) {
    long grown = 0;
    if (size == ordinals.length) {
      ordinals = Arrays.copyOf(ordinals, size + Math.max(1, size / 2));
      grown = 4L * (ordinals.length - size);
    }
    ordinals[size++] = ordinal;
    return grown;
  }

  Slice slice() {
    return new Slice(ordinals, 0, size);
  }
}
