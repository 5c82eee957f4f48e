package io.facesearch.index.internal.snapshot;

import io.facesearch.DuplicateFaceException;
import io.facesearch.EmbeddedFace;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * From id to ordinal. Any number of readers run beside one writer, which puts new ids before it
 * publishes the state that holds their faces, and removes ids afterwards.
 */
public final class Ids {
  private static final int GONE = -1;

  /** Of the faces that were there at the beginning; null for none. */
  private final @Nullable EncodedFaces stored;

  private final Tombstones removed;

  /** Made of them when it is asked for; the map overrules it. */
  private volatile @Nullable IdTable base;

  private final ConcurrentHashMap<String, Integer> ordinals = new ConcurrentHashMap<>();

  public Ids() {
    this(null, Tombstones.NONE);
  }

  /** With those of the live faces of a file, which are read when an id is first looked up. */
  public Ids(@Nullable EncodedFaces stored, Tombstones removed) {
    this.stored = stored;
    this.removed = removed;
  }

  /**
   * Reads the ids of the file, if that was not done.
   *
   * @throws io.facesearch.CorruptIndexException if one is missing or occurs twice
   */
  public void load() {
    table();
  }

  private @Nullable IdTable table() {
    IdTable known = base;
    if (known == null && stored != null) {
      synchronized (this) {
        known = base;
        if (known == null) {
          known = IdTable.of(stored, removed);
          base = known;
        }
      }
    }
    return known;
  }

  private int findStored(String id) {
    IdTable known = table();
    return known == null ? GONE : known.find(id);
  }

  /** Refuses faces whose id is taken, or occurs twice. */
  public void requireNew(List<EmbeddedFace> faces) {
    requireNew(faces, Set.of());
  }

  /** The same, but some ids are about to be free. */
  public void requireNew(List<EmbeddedFace> faces, Set<String> free) {
    Set<String> seen = faces.size() > 1 ? new HashSet<>(2 * faces.size()) : Set.of();
    for (EmbeddedFace face : faces) {
      String id = face.face().id();
      if (find(id) >= 0 && !free.contains(id)) {
        throw new DuplicateFaceException(
            "the id of a face must be new, but the index already holds a face with id \""
                + id
                + "\"; nothing was added");
      }
      if (faces.size() > 1 && !seen.add(id)) {
        throw new DuplicateFaceException(
            "the ids of faces added together must differ, but \""
                + id
                + "\" occurs twice; nothing was added");
      }
    }
  }

  public void put(String id, int ordinal) {
    ordinals.put(id, ordinal);
  }

  public void remove(String id) {
    if (findStored(id) >= 0) {
      ordinals.put(id, GONE);
    } else {
      ordinals.remove(id);
    }
  }

  /** The ordinal of an id, or -1. */
  public int find(String id) {
    Integer ordinal = ordinals.get(id);
    if (ordinal != null) {
      return ordinal;
    }
    return findStored(id);
  }
}
