package io.facesearch.index.internal.snapshot;

import io.facesearch.FaceRecord;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which faces a search may return: those that were not removed or excluded, and that a filter
 * matches.
 */
public final class Accepted {
  private final Tombstones hidden;

  /** Null for all. */
  private final @Nullable Predicate<FaceRecord> filter;

  private final Faces faces;

  private Accepted(Tombstones hidden, @Nullable Predicate<FaceRecord> filter, Faces faces) {
    this.hidden = hidden;
    this.filter = filter;
    this.faces = faces;
  }

  /**
   * The faces of a state of an index.
   *
   * @param filter null for none
   * @return null for all faces
   */
  static @Nullable Accepted of(
      Tombstones hidden, @Nullable Predicate<FaceRecord> filter, Faces faces) {
    return hidden.count() == 0 && filter == null ? null : new Accepted(hidden, filter, faces);
  }

  boolean test(int ordinal) {
    return !hidden.contains(ordinal) && (filter == null || filter.test(faces.get(ordinal)));
  }
}
