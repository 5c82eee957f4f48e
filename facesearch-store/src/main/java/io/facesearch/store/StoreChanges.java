package io.facesearch.store;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import io.facesearch.ForgetReceipt;
import io.facesearch.IndexWriteException;
import io.facesearch.PhotoRoot;
import io.facesearch.UnknownFaceException;
import io.facesearch.index.internal.codec.FaceCodec;
import io.facesearch.index.internal.snapshot.SnapshotIndex;
import io.facesearch.index.internal.snapshot.VectorSpace;
import io.facesearch.index.internal.tree.TreeIndex;
import io.facesearch.spi.PeopleGrouping;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Changes a {@link FaceStore}, one change at a time: first in the database, then in memory.
 * Thread-safe.
 */
final class StoreChanges {
  private final FaceDatabase database;
  private final TreeIndex index;
  private final StoreTree tree;
  private final StoreUpkeep upkeep;
  private final Object fileLock;
  private final Object writeLock;
  private final Runnable ensureWritable;

  /**
   * Begins to change a store.
   *
   * @param fileLock held while files are made anew; taken before {@code writeLock}
   * @param writeLock held while something is changed
   * @param ensureWritable throws if nothing may be changed; called with {@code writeLock}
   */
  StoreChanges(
      FaceDatabase database,
      TreeIndex index,
      StoreTree tree,
      StoreUpkeep upkeep,
      Object fileLock,
      Object writeLock,
      Runnable ensureWritable) {
    this.database = database;
    this.index = index;
    this.tree = tree;
    this.upkeep = upkeep;
    this.fileLock = fileLock;
    this.writeLock = writeLock;
    this.ensureWritable = ensureWritable;
  }

  void update(EmbeddedFace face) {
    synchronized (writeLock) {
      ensureWritable.run();
      String id = face.face().id();
      if (index.number(id) < 0) {
        throw new UnknownFaceException(
            "no face with id \"" + id + "\" is in the index, so it cannot be updated; add it");
      }
      replaceAll(Set.of(id), List.of(face));
    }
  }

  boolean remove(String id) {
    synchronized (writeLock) {
      ensureWritable.run();
      boolean there = index.number(id) >= 0;
      if (there) {
        replaceAll(Set.of(id), List.of());
      }
      return there;
    }
  }

  /** Removes faces and adds others, in one step. */
  void replaceAll(Set<String> ids, List<EmbeddedFace> faces) {
    List<EmbeddedFace> added = VectorSpace.kept(List.copyOf(faces), index.metric());
    if (ids.isEmpty() && added.isEmpty()) {
      return;
    }
    List<byte[]> rows = new ArrayList<>(added.size());
    for (EmbeddedFace face : added) {
      rows.add(FaceCodec.encode(face));
    }
    synchronized (writeLock) {
      ensureWritable.run();
      long[] seqs = new long[ids.size()];
      List<byte[]> old = new ArrayList<>(ids.size());
      for (String id : ids) {
        long seq = index.number(id);
        if (seq < 0) {
          throw SnapshotIndex.unknown(id);
        }
        seqs[old.size()] = seq;
        old.add(FaceCodec.encode(index.get(id).orElseThrow()));
      }
      VectorSpace space = database.space();
      if (!added.isEmpty()) {
        if (space.dimension() == 0) {
          space = VectorSpace.of(added.get(0).embedding(), space.metric());
        }
        space.check(added, index.size());
        index.state().ids().requireNew(added, ids);
      }
      long first = database.write(seqs, old, rows, space);
      index.replaceImmutable(ids, added, i -> first + i);
      upkeep.markDirty();
      for (long seq : seqs) {
        tree.wasRemoved(seq);
      }
    }
  }

  void setRoot(PhotoRoot root) {
    changeRoots(roots -> roots.put(root.name(), root.folder()), () -> index.setRoot(root));
  }

  void removeRoot(String name) {
    changeRoots(roots -> roots.remove(name), () -> index.removeRoot(name));
  }

  private void changeRoots(Consumer<Map<String, Path>> change, Runnable inMemory) {
    synchronized (writeLock) {
      ensureWritable.run();
      Map<String, Path> roots = new TreeMap<>(index.roots());
      change.accept(roots);
      if (!roots.equals(index.roots())) {
        database.roots(StoredRoots.encode(roots));
        inMemory.run();
        upkeep.markDirty();
      }
    }
  }

  /** Keeps what is known of people. */
  void savePeople(byte[] encoded) {
    synchronized (writeLock) {
      ensureWritable.run();
      if (!Arrays.equals(encoded, database.people())) {
        database.people(encoded);
        upkeep.markDirty();
      }
    }
  }

  /**
   * Removes faces so that no file holds a trace of them.
   *
   * @param person for the receipt
   * @param name that goes; null for none
   * @param whose faces go
   * @param cut what is left of the grouping
   */
  ForgetReceipt forget(
      String person, @Nullable String name, Predicate<FaceRecord> whose, PeopleGrouping.Cut cut) {
    synchronized (fileLock) {
      synchronized (writeLock) {
        ensureWritable.run();
        Set<String> kept = new HashSet<>();
        for (EmbeddedFace face : index.faces()) {
          if (!whose.test(face.face())) {
            kept.add(face.face().id());
          }
        }
        byte[] grouped = cut.without(name, kept);
        float[] vector = new float[database.space().dimension()];
        rewrite(
            plain -> kept.contains(database.decode(0, plain, vector, 0).id()), null, true, grouped);
        ForgetReceipt receipt = index.forget(person, whose);
        tree.delete();
        database.throwUnforced();
        return new ForgetReceipt(person, Instant.now(), receipt.faces(), receipt.stateHash());
      }
    }
  }

  /** Encrypts everything anew. */
  void rotate(StoreKey key) {
    synchronized (fileLock) {
      synchronized (writeLock) {
        ensureWritable.run();
        rewrite(plain -> true, key, false, database.people());
        tree.delete();
        database.throwUnforced();
      }
    }
  }

  private void rewrite(
      Predicate<byte[]> keep,
      @Nullable StoreKey key,
      boolean sameKey,
      byte @Nullable [] savedPeople) {
    try {
      upkeep.requireInPlace();
      database.rewrite(keep, key, sameKey, savedPeople);
    } catch (IOException e) {
      throw new IndexWriteException(
          database.file()
              + " could not be rewritten ("
              + e.getMessage()
              + "); free space and repeat",
          e);
    }
  }
}
