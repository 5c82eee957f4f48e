package io.facesearch;

import io.facesearch.spi.ForwardingIndex;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An index that refuses changes if it is only read, counts its changes, and tells the bulk runs on
 * it who is forgotten meanwhile. Thread-safe if the index beneath is.
 */
final class GuardedIndex extends ForwardingIndex {
  private final AtomicLong version = new AtomicLong();
  private final boolean readOnly;

  /** Guarded by itself, which is held while somebody is forgotten, and while a run adds faces. */
  private final Set<RunIndex> runs = new HashSet<>();

  GuardedIndex(FaceIndex index, boolean readOnly) {
    super(index);
    this.readOnly = readOnly;
  }

  /** Grows with every change. */
  long version() {
    return version.get();
  }

  /** Something was changed beside this. */
  void changed() {
    version.incrementAndGet();
  }

  boolean isReadOnly() {
    return readOnly;
  }

  void requireWritable() {
    if (readOnly) {
      throw new ReadOnlyGalleryException(
          "this gallery is read-only, as every gallery of an index file is; copy its faces"
              + " into a gallery in a folder, and change that one");
    }
  }

  /** A view for one bulk run, which does not bring back who is forgotten while it runs. */
  RunIndex beginRun() {
    synchronized (runs) {
      RunIndex run = new RunIndex(this, runs);
      runs.add(run);
      return run;
    }
  }

  void endRun(RunIndex run) {
    synchronized (runs) {
      runs.remove(run);
    }
  }

  @Override
  public void addAll(List<EmbeddedFace> faces) {
    requireWritable();
    index.addAll(faces);
    changed();
  }

  @Override
  public void replaceAll(Set<String> ids, List<EmbeddedFace> faces) {
    requireWritable();
    if (ids.isEmpty() && faces.isEmpty()) {
      return;
    }
    index.replaceAll(ids, faces);
    changed();
  }

  @Override
  public void update(EmbeddedFace face) {
    requireWritable();
    index.update(face);
    changed();
  }

  @Override
  public boolean remove(String id) {
    requireWritable();
    boolean removed = index.remove(id);
    changed();
    return removed;
  }

  @Override
  public ForgetReceipt forget(String person) {
    return forgetting(person, () -> index.forget(person));
  }

  /**
   * Forgets somebody, of whom no run that goes on brings anything back.
   *
   * @param name null for faces without one
   */
  <T> T forgetting(@Nullable String name, Supplier<T> how) {
    requireWritable();
    synchronized (runs) {
      if (name != null) {
        runs.forEach(run -> run.forgotten(name));
      }
      T done = how.get();
      changed();
      return done;
    }
  }

  @Override
  public void setRoot(PhotoRoot root) {
    requireWritable();
    index.setRoot(root);
  }

  @Override
  public void removeRoot(String name) {
    requireWritable();
    index.removeRoot(name);
  }
}
