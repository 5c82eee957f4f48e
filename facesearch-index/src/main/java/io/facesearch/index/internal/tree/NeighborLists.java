package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.codec.MappedSection;
import io.facesearch.index.internal.codec.Section;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * For each row of a tree a list of others, all of the same length: in an array, or mapped from the
 * file that the tree was read from. Immutable and thread-safe.
 */
final class NeighborLists {
  /** Length of each list. */
  final int perPoint;

  /** Null where they are mapped. */
  final int @Nullable [] array;

  /** Null where they are not. */
  private final @Nullable MappedSection mapped;

  NeighborLists(int[] array, int perPoint) {
    this.array = array;
    this.perPoint = perPoint;
    mapped = null;
  }

  NeighborLists(MappedSection mapped, int perPoint) {
    this.mapped = mapped;
    this.perPoint = perPoint;
    array = null;
  }

  /** Copies the list of a row; the row itself stands where there are no more. */
  void copyTo(int row, int[] target) {
    if (array != null) {
      System.arraycopy(array, row * perPoint, target, 0, perPoint);
    } else {
      Objects.requireNonNull(mapped).read(4L * row * perPoint, target);
    }
  }

  Section section() {
    String name = "neighbors";
    return array != null
        ? new Section(name, array)
        : new Section(name, Objects.requireNonNull(mapped));
  }

  /** Memory in bytes, without what is mapped. */
  long bytes() {
    return array == null ? 0 : 4L * array.length;
  }

  long mappedBytes() {
    return mapped == null ? 0 : mapped.bytes;
  }

  void close() {
    if (mapped != null) {
      mapped.close();
    }
  }
}
