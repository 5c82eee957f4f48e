package io.facesearch.index.internal.snapshot;

import io.facesearch.FaceFilter;

/** Which faces a search may return: those that were not removed and that a filter matches. */
public final class Accepted {
  private final Tombstones removed;
  private final FaceFilter filter;
  private final Faces faces;

  private Accepted(Tombstones removed, FaceFilter filter, Faces faces) {
    this.removed = removed;
    this.filter = filter;
    this.faces = faces;
  }

  /**
   * The faces of a state of an index.
   *
   * @param filter null for none
   * @return null for all faces
   */
  static Accepted of(Tombstones removed, FaceFilter filter, Faces faces) {
    return removed.count() == 0 && filter == null ? null : new Accepted(removed, filter, faces);
  }

  boolean test(int ordinal) {
    return !removed.contains(ordinal) && (filter == null || filter.matches(faces.get(ordinal)));
  }
}
