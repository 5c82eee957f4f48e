package io.facesearch.server;

import java.time.Duration;

/**
 * What a request may cost.
 *
 * @param uploadBytes largest photo, encoded; less where the heap is small
 * @param pixels largest photo, width times height; less where the heap is small
 * @param requestTime for its upload, and again for the work on it
 */
record Limits(int uploadBytes, long pixels, Duration requestTime) {
  static final Limits DEFAULT = new Limits(16 << 20, 40_000_000, Duration.ofSeconds(30));

  /** Most matches of a search. */
  static final int MAX_K = 1000;

  /** Faces of a photo that are looked at, the largest. */
  static final int MAX_FACES = 50;

  /** Characters of a person's name. */
  static final int MAX_NAME = 100;

  /** Characters of a person's name, or of an id, that is asked for. */
  static final int MAX_TEXT = 8192;

  /** Of the heap, while a photo is decoded. */
  private static final int PIXEL_BYTES = 8;

  /** A photo is held in pieces, as it arrives, and beside them as a whole. */
  private static final int PHOTO_TIMES = 2;

  /** A JSON body with a photo takes its text and the photo besides. */
  static final int JSON_TIMES = 3;

  Limits {
    pixels = Math.min(pixels, Runtime.getRuntime().maxMemory() / 5 * 2 / PIXEL_BYTES);
    if (uploadBytes < 1 || uploadBytes > 1 << 28) {
      throw new IllegalArgumentException(
          "the largest upload must be between 1 byte and 256 MiB, but is: " + uploadBytes);
    }
    uploadBytes = (int) Math.min(uploadBytes, largeBodies() / PHOTO_TIMES);
    if (requestTime.isNegative() || requestTime.isZero()) {
      throw new IllegalArgumentException("the request time must be > 0, but is: " + requestTime);
    }
  }

  /**
   * A verify request holds two photos in Base64, together no larger than one upload; less where the
   * heap is small: what could never be held is refused before it is read.
   */
  int jsonBytes() {
    return (int) Math.min((uploadBytes + 2) / 3 * 4 + (1 << 16), largeBodies() / (1 + JSON_TIMES));
  }

  /** Heap for all bodies in flight. */
  private static long bodies() {
    return Math.max(4 << 20, Runtime.getRuntime().maxMemory() / 4);
  }

  /** Heap for small bodies in flight, which large ones cannot take. */
  static long smallBodies() {
    return bodies() / 4;
  }

  /** Heap for large bodies in flight, and what is made of them. */
  static long largeBodies() {
    return bodies() - smallBodies();
  }
}
