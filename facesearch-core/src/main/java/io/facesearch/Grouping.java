package io.facesearch;

import io.facesearch.internal.FaceClusters;

/**
 * How faces are grouped into people, with the user's corrections. Holds ids of faces and names, but
 * no vectors. Immutable and thread-safe.
 */
public final class Grouping {
  private final byte[] encoded;

  /**
   * Decodes a grouping from the bytes of {@link #encoded}. Takes time proportional to the number of
   * faces.
   *
   * @param encoded the bytes; copied
   * @throws IllegalArgumentException if the bytes are damaged or not a grouping
   */
  public Grouping(byte[] encoded) {
    FaceClusters.decode(encoded);
    this.encoded = encoded.clone();
  }

  /** {@return the grouping as bytes, for storing it; a copy} */
  public byte[] encoded() {
    return encoded.clone();
  }
}
