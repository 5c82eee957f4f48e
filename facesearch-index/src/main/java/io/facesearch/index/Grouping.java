package io.facesearch.index;

/**
 * How the faces of a store are grouped into people, with the corrections of the user; see {@link
 * FaceStore#grouping}. Holds ids of faces and names, no vectors. Immutable and thread-safe.
 */
public final class Grouping {
  private final byte[] clusters;

  Grouping(byte[] clusters) {
    this.clusters = clusters.clone();
  }

  /** For {@link FaceClusters#decode}. */
  byte[] clusters() {
    return clusters.clone();
  }
}
