package io.facesearch;

import io.facesearch.internal.FaceClusters;

/**
 * How faces are grouped into people, with the corrections of the user. Holds ids of faces and
 * names, no vectors. Immutable and thread-safe.
 */
public final class Grouping {
  private final byte[] encoded;

  /**
   * Takes what {@link #encoded} gave, such as from a file; O(faces).
   *
   * @param encoded copied
   * @throws IllegalArgumentException if it is damaged or no grouping
   */
  public Grouping(byte[] encoded) {
    FaceClusters.decode(encoded);
    this.encoded = encoded.clone();
  }

  /** {@return the grouping as bytes, to be kept; a copy} */
  public byte[] encoded() {
    return encoded.clone();
  }
}
