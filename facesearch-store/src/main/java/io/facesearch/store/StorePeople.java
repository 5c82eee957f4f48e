package io.facesearch.store;

import io.facesearch.EmbeddedFace;
import io.facesearch.Grouping;
import io.facesearch.Person;
import io.facesearch.index.internal.tree.TreeIndex;
import io.facesearch.internal.FaceClusters;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;

/**
 * The people of a {@link FaceStore}: grouped when they are asked for, kept in its database.
 * Thread-safe; its lock is taken before all others of the store.
 */
final class StorePeople {
  /** Of CelebA's people: B-cubed precision .98, recall .86 by SFace. */
  private static final double UNIT_PERSON_DISTANCE = 1.05;

  private static final double OTHER_PERSON_DISTANCE = 0.5;

  private final FaceStore store;
  private final TreeIndex index;
  private final FaceDatabase database;
  private final Object writeLock;

  /** 0 for the default. */
  private final double personDistance;

  /** Serializes what looks at people. */
  private final Object lock = new Object();

  /** Null until it is asked for. */
  private FaceClusters clusters;

  /** Whether that is empty and not kept. */
  private boolean nobodyYet;

  /**
   * @param writeLock of the store, which guards the database
   * @param personDistance 0 for the default
   */
  StorePeople(
      FaceStore store,
      TreeIndex index,
      FaceDatabase database,
      Object writeLock,
      double personDistance) {
    this.store = store;
    this.index = index;
    this.database = database;
    this.writeLock = writeLock;
    this.personDistance = personDistance;
  }

  Object lock() {
    return lock;
  }

  /**
   * What is to be kept of people when one is forgotten; null for nothing. Called with its lock and
   * the writeLock; what is known is read again afterwards.
   */
  byte[] without(String person, Set<String> kept) {
    clusters = null;
    byte[] saved = database.people();
    if (saved == null) {
      return null;
    }
    FaceClusters others = decodePeople(saved);
    others.forget(person, kept);
    return others.encode();
  }

  /** See {@link FaceStore#people}. */
  List<Person> people() {
    synchronized (lock) {
      refreshPeople();
      return clusters.people();
    }
  }

  /** See {@link FaceStore#merge}. */
  Person merge(String first, String second) {
    synchronized (lock) {
      refreshPeople();
      Person merged = clusters.merge(first, second);
      savePeople();
      return merged;
    }
  }

  /** See {@link FaceStore#split}. */
  Person split(String person, Collection<String> faceIds) {
    synchronized (lock) {
      refreshPeople();
      Person other = clusters.split(person, faceIds, index);
      savePeople();
      return other;
    }
  }

  /** See {@link FaceStore#grouping}. */
  Optional<Grouping> grouping() {
    synchronized (lock) {
      return Optional.ofNullable(savedPeople()).map(FaceClusters::encode).map(Grouping::new);
    }
  }

  /** See {@link FaceStore#takeGrouping}. */
  void takeGrouping(Grouping grouping) {
    FaceClusters taken = FaceClusters.decode(grouping.encoded());
    synchronized (lock) {
      store.ensureOpen();
      if (index.size() > 0) {
        clusters = taken.withVectorsOf(index, startDistance());
        savePeople();
      }
    }
  }

  /** Null if there are none. */
  private FaceClusters savedPeople() {
    store.ensureOpen();
    if (nobodyYet) {
      nobodyYet = false;
      clusters = null;
    }
    if (clusters != null) {
      return clusters;
    }
    byte[] saved;
    synchronized (writeLock) {
      store.ensureOpen();
      saved = database.people();
    }
    return saved == null ? null : decodePeople(saved);
  }

  private void refreshPeople() {
    clusters = savedPeople();
    boolean isNew = clusters == null;
    if (isNew) {
      clusters = new FaceClusters(startDistance());
    }
    boolean isDone = clusters.update(index);
    if (isNew && isDone && clusters.people().isEmpty()) {
      nobodyYet = true; // the distance depends on the first face
      return;
    }
    savePeople();
    if (!isDone) {
      throw new CancellationException("interrupted while grouping faces into people");
    }
  }

  /** The two networks of facesearch differ in the norm of their vectors. */
  private double startDistance() {
    if (personDistance > 0) {
      return personDistance;
    }
    List<EmbeddedFace> faces = index.faces();
    double norm = 0;
    if (!faces.isEmpty()) {
      for (float v : faces.get(0).embedding().toArray()) {
        norm += (double) v * v;
      }
    }
    return Math.abs(norm - 1) < 1e-3 ? UNIT_PERSON_DISTANCE : OTHER_PERSON_DISTANCE;
  }

  private FaceClusters decodePeople(byte[] saved) {
    try {
      return FaceClusters.decode(saved);
    } catch (IllegalArgumentException e) {
      throw database.corrupt("the list of people is wrong: " + e.getMessage(), e);
    }
  }

  private void savePeople() {
    byte[] bytes = clusters.encode();
    synchronized (writeLock) {
      store.ensureWritable();
      if (!Arrays.equals(bytes, database.people())) {
        database.people(bytes);
        store.markDirty();
      }
    }
  }
}
