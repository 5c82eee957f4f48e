package io.facesearch;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * An index that bulk work does not bring people back to who were forgotten while it ran, that
 * refuses changes if it is only read, and that counts its changes. Thread-safe if the index beneath
 * is.
 */
final class GuardedIndex extends ForwardingIndex {
  /** Guarded by itself, so that nobody is added while being forgotten. */
  private final Set<String> forgotten = new HashSet<>();

  private final AtomicLong version = new AtomicLong();
  private final boolean readOnly;

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
          "this gallery is only read, such as one of an index file, which is a snapshot; take its"
              + " faces over into a gallery in a folder, and change that");
    }
  }

  /** The person is wanted again. */
  void welcome(String person) {
    synchronized (forgotten) {
      forgotten.remove(person);
    }
  }

  @Override
  public void addAll(List<EmbeddedFace> faces) {
    requireWritable();
    synchronized (forgotten) {
      index.addAll(wanted(faces));
    }
    changed();
  }

  @Override
  public void replaceAll(Set<String> ids, List<EmbeddedFace> faces) {
    requireWritable();
    if (ids.isEmpty() && faces.isEmpty()) {
      return;
    }
    synchronized (forgotten) {
      index.replaceAll(ids, wanted(faces));
    }
    changed();
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
    return wanted;
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
    requireWritable();
    synchronized (forgotten) {
      forgotten.add(person);
      ForgetReceipt receipt = index.forget(person);
      changed();
      return receipt;
    }
  }

  /** Forgets people with the crops of their photos. */
  Forgotten erase(Optional<String> name, Supplier<Forgotten> how) {
    requireWritable();
    synchronized (forgotten) {
      name.ifPresent(forgotten::add);
      Forgotten done = how.get();
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
