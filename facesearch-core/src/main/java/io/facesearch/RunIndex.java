package io.facesearch;

import io.facesearch.spi.ForwardingIndex;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** An index as one bulk run sees it: who is forgotten while it runs is not brought back. */
final class RunIndex extends ForwardingIndex {
  /** Held while faces are added, and while somebody is forgotten. */
  private final Object lock;

  private final Set<String> forgotten = new HashSet<>();
  private int dropped;

  RunIndex(FaceIndex index, Object lock) {
    super(index);
    this.lock = lock;
  }

  /** Called with the lock. */
  void forgotten(String name) {
    forgotten.add(name);
  }

  /** How many faces were not added. */
  int dropped() {
    synchronized (lock) {
      return dropped;
    }
  }

  @Override
  public void addAll(List<EmbeddedFace> faces) {
    synchronized (lock) {
      super.addAll(wanted(faces));
    }
  }

  @Override
  public void replaceAll(Set<String> ids, List<EmbeddedFace> faces) {
    synchronized (lock) {
      super.replaceAll(ids, wanted(faces));
    }
  }

  private List<EmbeddedFace> wanted(List<EmbeddedFace> faces) {
    if (forgotten.isEmpty()) {
      return faces;
    }
    List<EmbeddedFace> wanted = new ArrayList<>(faces.size());
    for (EmbeddedFace face : faces) {
      if (forgotten.stream().noneMatch(face.face()::concerns)) {
        wanted.add(face);
      }
    }
    dropped += faces.size() - wanted.size();
    return wanted;
  }
}
