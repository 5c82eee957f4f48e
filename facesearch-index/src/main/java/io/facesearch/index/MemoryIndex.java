package io.facesearch.index;

import io.facesearch.index.internal.file.KnownFiles;
import io.facesearch.index.internal.snapshot.SnapshotIndex;
import io.facesearch.spi.ForwardingIndex;

/**
 * An index in memory, which delegates to an internal one. Holds at most (2^31 - 9) / d faces, and
 * throws {@link IllegalStateException} beyond that. The lists of {@code faces} are views: every
 * access copies one vector, O(d).
 */
abstract class MemoryIndex extends ForwardingIndex {
  final KnownFiles knownFiles;

  MemoryIndex(SnapshotIndex<?> index, KnownFiles knownFiles) {
    super(index);
    this.knownFiles = knownFiles;
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "[" + size() + " faces]";
  }
}
