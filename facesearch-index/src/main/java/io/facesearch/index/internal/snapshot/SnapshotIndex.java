package io.facesearch.index.internal.snapshot;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceFilter;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.ForgetReceipt;
import io.facesearch.GalleryComposition;
import io.facesearch.Metric;
import io.facesearch.PhotoRoot;
import io.facesearch.Search;
import io.facesearch.UnknownFaceException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.IntToLongFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the indexes in memory have in common: an immutable state that serves readers, which never
 * lock, and is replaced by one writer at a time. A removed face stays in its place, marked, until
 * the state is made compact.
 *
 * @param <V> how the vectors are kept; the vector of ordinal i belongs to face i
 */
public abstract class SnapshotIndex<V> implements FaceIndex {
  /** All of an index at one time; before the first face it has no space and no vectors. */
  public record State<V>(
      @Nullable VectorSpace spaceOrNull,
      Faces faces,
      Tombstones removed,
      Ids ids,
      @Nullable V vectorsOrNull) {
    /** Whether there has been no face yet, so that it is bound to no model. */
    public boolean isUnbound() {
      return spaceOrNull == null;
    }

    /** Of a state that is bound. */
    public VectorSpace space() {
      return Objects.requireNonNull(spaceOrNull, "an index without faces has no space");
    }

    /** Of a state that is bound. */
    public V vectors() {
      return Objects.requireNonNull(vectorsOrNull, "an index without faces has no vectors");
    }

    public int live() {
      return faces.size() - removed.count();
    }
  }

  /**
   * A state, and which of its faces a request may return.
   *
   * @param accepted null for all
   * @param most how many they are at most
   * @param few their ordinals, if the tables of the filter name few; else null
   */
  public record View<V>(
      State<V> state, @Nullable Accepted accepted, int most, int @Nullable [] few) {}

  /** So often ids are looked up while others change them. */
  private static final int MOST_TRIES = 8;

  protected final Object writeLock = new Object();
  private final Metric metric;
  private final int manyShare;
  private final Map<String, Path> roots = new ConcurrentHashMap<>();
  private volatile FilterIndex filters = new FilterIndex();
  private volatile State<V> state =
      new State<>(null, Faces.EMPTY, Tombstones.NONE, new Ids(), null);

  /**
   * @param manyShare a filter that may match more than one in so many faces is tested during the
   *     search, with 0 any; of others, distances are computed to what they match
   */
  protected SnapshotIndex(Metric metric, int manyShare) {
    this.metric = Objects.requireNonNull(metric, "metric");
    this.manyShare = manyShare;
  }

  public final State<V> state() {
    return state;
  }

  /** Call with the lock. */
  protected final void publish(State<V> next) {
    state = next;
  }

  /** The present state as a request sees it. */
  @SuppressWarnings("ThreadPriorityCheck") // another thread is in the middle of it
  protected final View<V> view(Search request) {
    FaceFilter filter = request.filter().equals(FaceFilter.all()) ? null : request.filter();
    for (int i = 0; i < MOST_TRIES; i++) {
      FilterIndex table = filters; // before the state, see forget
      State<V> now = state;
      Tombstones hidden = hidden(now, request.excluded());
      if (hidden != null) {
        int[] few = filter == null ? null : few(table, now, filter, hidden);
        return new View<>(
            now,
            Accepted.of(hidden, filter == null ? null : filter::matches, now.faces),
            few == null ? now.faces.size() - hidden.count() : few.length,
            few);
      }
      Thread.yield();
    }
    // Others change those very faces all the time: their ids are compared, one by one.
    State<V> now = state;
    return new View<>(now, Accepted.of(now.removed, request::accepts, now.faces), now.live(), null);
  }

  /** The faces that a filter matches, if their distances are sooner computed than bounds of all. */
  @SuppressWarnings("ReferenceEquality") // whether it is the newest still
  private int @Nullable [] few(
      FilterIndex table, State<V> now, FaceFilter filter, Tombstones hidden) {
    if (manyShare == 0) {
      return null;
    }
    Matching matching = table.matching(now, filter, state == now);
    return matching != null && matching.most <= now.faces.size() / manyShare
        ? matching.ordinals(now.faces, hidden)
        : null;
  }

  /** Memory of what decides filters, in bytes. */
  protected final long filterBytes() {
    return filters.bytes();
  }

  /** Those removed and those excluded; null if ids and state do not belong together. */
  private @Nullable Tombstones hidden(State<V> now, Set<String> excluded) {
    if (excluded.isEmpty()) {
      return now.removed;
    }
    int[] ordinals = new int[excluded.size()];
    int count = 0;
    for (String id : excluded) {
      int ordinal = now.ids.find(id);
      if (ordinal >= now.faces.size()) {
        return null; // put a moment ago; the state may still have it in another place
      }
      if (ordinal >= 0) {
        ordinals[count++] = ordinal;
      }
    }
    State<V> then = state;
    boolean isSure = count == ordinals.length || then.ids == now.ids && then.removed == now.removed;
    return isSure ? now.removed.with(Arrays.copyOf(ordinals, count)) : null;
  }

  /** The vectors with those of more faces; called with the lock. */
  protected abstract V append(State<V> old, VectorSpace space, List<EmbeddedFace> added);

  /** A copy of one vector. */
  protected abstract float[] vector(V vectors, int ordinal);

  /** The vectors of some ordinals, in their order, in memory of their own. */
  protected abstract V copy(State<V> old, int[] ordinals);

  /** Is called with the lock after each change, to see whether the state shall be made compact. */
  protected abstract void changed();

  /** The same faces without those removed, in memory of their own; O(n · d). */
  protected final State<V> compact(State<V> old) {
    return compact(old, this::copy);
  }

  /** The same with another way to copy vectors; see {@link #copy}. */
  protected static <V> State<V> compact(State<V> old, BiFunction<State<V>, int[], V> copy) {
    if (old.isUnbound()) {
      return old;
    }
    int[] live = old.removed.live(old.faces.size());
    Ids ids = new Ids();
    Faces faces = Faces.EMPTY;
    for (int i = 0; i < live.length; i++) {
      FaceRecord record = old.faces.get(live[i]);
      ids.put(record.id(), i);
      faces = faces.append(record, old.faces.number(live[i]));
    }
    return new State<>(old.spaceOrNull, faces, Tombstones.NONE, ids, copy.apply(old, live));
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the index would hold more than (2^31 - 9) / d faces
   */
  @Override
  public void addAll(List<EmbeddedFace> faces) {
    addImmutable(VectorSpace.kept(List.copyOf(faces), metric));
  }

  /** Adds faces as they are kept. */
  public final void addImmutable(List<EmbeddedFace> added) {
    addImmutable(added, i -> 0);
  }

  /**
   * The same with numbers of the caller's, which stay with the faces; see {@link #number}.
   *
   * @param numbers by place in the list
   */
  public final void addImmutable(List<EmbeddedFace> added, IntToLongFunction numbers) {
    if (added.isEmpty()) {
      return;
    }
    synchronized (writeLock) {
      State<V> old = state;
      VectorSpace space = spaceOf(old, added);
      old.ids.requireNew(added);
      append(old, space, added, numbers, old.removed);
    }
  }

  /** The space of the index, that the first face binds it to; the faces fit it. */
  private VectorSpace spaceOf(State<V> old, List<EmbeddedFace> added) {
    VectorSpace space =
        old.isUnbound() ? VectorSpace.of(added.get(0).embedding(), metric) : old.space();
    space.check(added, old.faces.size());
    return space;
  }

  private void append(
      State<V> old,
      VectorSpace space,
      List<EmbeddedFace> added,
      IntToLongFunction numbers,
      Tombstones removed) {
    Faces faces = old.faces;
    for (int i = 0; i < added.size(); i++) {
      faces = faces.append(added.get(i).face(), numbers.applyAsLong(i));
    }
    State<V> next = new State<>(space, faces, removed, old.ids, append(old, space, added));
    int ordinal = old.faces.size();
    for (EmbeddedFace face : added) {
      old.ids.put(face.face().id(), ordinal++);
    }
    state = next;
    changed();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the index would hold more than (2^31 - 9) / d faces
   */
  @Override
  public void update(EmbeddedFace face) {
    updateImmutable(VectorSpace.kept(List.of(face), metric), 0);
  }

  /** Replaces a face by one as it is kept, with a number of the caller's. */
  public final void updateImmutable(List<EmbeddedFace> added, long number) {
    EmbeddedFace face = added.get(0);
    synchronized (writeLock) {
      State<V> old = state;
      int ordinal = old.ids.find(face.face().id());
      if (ordinal < 0) {
        throw new UnknownFaceException(
            "the face to be updated must be in the index, but no face has the id \""
                + face.face().id()
                + "\"; add it instead");
      }
      old.space().check(added, old.faces.size());
      append(old, old.space(), added, i -> number, old.removed.with(ordinal));
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the index would hold more than (2^31 - 9) / d faces
   */
  @Override
  public void replaceAll(Set<String> ids, List<EmbeddedFace> faces) {
    replaceImmutable(ids, VectorSpace.kept(List.copyOf(faces), metric), i -> 0);
  }

  /** Removes faces and adds others as they are kept, with numbers of the caller's. */
  public final void replaceImmutable(
      Set<String> ids, List<EmbeddedFace> added, IntToLongFunction numbers) {
    synchronized (writeLock) {
      State<V> old = state;
      Tombstones removed = old.removed;
      for (String id : ids) {
        int ordinal = old.ids.find(id);
        if (ordinal < 0) {
          throw unknown(id);
        }
        removed = removed.with(ordinal);
      }
      VectorSpace space = added.isEmpty() ? null : spaceOf(old, added);
      if (space != null) {
        old.ids.requireNew(added, ids);
      }
      Set<String> back = new HashSet<>();
      added.forEach(face -> back.add(face.face().id()));
      if (space != null) {
        append(old, space, added, numbers, removed);
      } else if (!ids.isEmpty()) {
        state = new State<>(old.spaceOrNull, old.faces, removed, old.ids, old.vectorsOrNull);
        changed();
      }
      // After the state: who finds no ordinal any more finds a state without the face.
      for (String id : ids) {
        if (!back.contains(id)) {
          old.ids.remove(id);
        }
      }
    }
  }

  public static UnknownFaceException unknown(String id) {
    return new UnknownFaceException(
        "the faces to be replaced must be in the index, but no face has the id \""
            + id
            + "\"; nothing was changed");
  }

  @Override
  public Map<String, Path> roots() {
    return Map.copyOf(roots);
  }

  @Override
  public void setRoot(PhotoRoot root) {
    roots.put(root.name(), root.folder());
  }

  @Override
  public void removeRoot(String name) {
    roots.remove(name);
  }

  @Override
  public boolean remove(String id) {
    synchronized (writeLock) {
      State<V> old = state;
      int ordinal = old.ids.find(id);
      if (ordinal < 0) {
        return false;
      }
      state =
          new State<>(
              old.spaceOrNull, old.faces, old.removed.with(ordinal), old.ids, old.vectorsOrNull);
      old.ids.remove(id);
      changed();
      return true;
    }
  }

  @Override
  public final ForgetReceipt forget(String person) {
    return forget(person, face -> face.concerns(person));
  }

  /** A state that holds nothing of what was removed; called with the lock. */
  protected State<V> withoutForgotten(State<V> old) {
    return compact(old);
  }

  /** Forgets whoever the faces are of. */
  public ForgetReceipt forget(String person, Predicate<FaceRecord> whose) {
    synchronized (writeLock) {
      State<V> old = state;
      Tombstones removed = old.removed;
      int faces = 0;
      for (int ordinal : removed.live(old.faces.size())) {
        if (whose.test(old.faces.get(ordinal))) {
          removed = removed.with(ordinal);
          faces++;
        }
      }
      // Also without such a face: an earlier removal may have left some in their places.
      state =
          withoutForgotten(
              new State<>(old.spaceOrNull, old.faces, removed, old.ids, old.vectorsOrNull));
      // The old one has the name. After the state: who reads table before state, as all do, never
      // gives the new table an old state.
      filters = new FilterIndex();
      return new ForgetReceipt(person, Instant.now(), faces, StateHash.of(faces()));
    }
  }

  /** The caller's number of a face, or -1 if there is none with that id; call it as a writer. */
  public final long number(String id) {
    synchronized (writeLock) {
      int ordinal = state.ids.find(id);
      return ordinal < 0 ? -1 : state.faces.number(ordinal);
    }
  }

  @Override
  @SuppressWarnings("ThreadPriorityCheck") // another thread is in the middle of it
  public Optional<EmbeddedFace> get(String id) {
    while (true) {
      State<V> now = state;
      int ordinal = now.ids.find(id);
      if (ordinal < 0 || now.removed.contains(ordinal)) {
        return Optional.empty();
      }
      if (ordinal < now.faces.size()) {
        return Optional.of(list(now, new int[] {ordinal}).get(0));
      }
      Thread.yield(); // put a moment ago; the state that holds it comes next
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>The list is a view: O(1), or O(n) after removals; every access copies one vector, O(d).
   */
  @Override
  public List<EmbeddedFace> faces() {
    State<V> now = state;
    if (now.isUnbound()) {
      return List.of();
    }
    return list(now, now.removed.count() == 0 ? null : now.removed.live(now.faces.size()));
  }

  /**
   * {@inheritDoc}
   *
   * <p>O(n) at first, then the names of what was added since. The list is a view: every access
   * copies one vector.
   */
  @Override
  public List<EmbeddedFace> faces(String person) {
    FilterIndex table = filters; // before the state, see forget
    State<V> now = state;
    return now.isUnbound() ? List.of() : list(now, table.ordinals(now, person));
  }

  /**
   * {@inheritDoc}
   *
   * <p>O(n) at first, then the names of what was added and removed since.
   */
  @Override
  public GalleryComposition composition() {
    FilterIndex table = filters; // before the state, see forget
    return table.composition(state);
  }

  /** A face of a state. */
  public final EmbeddedFace face(State<V> of, int ordinal) {
    return list(of, new int[] {ordinal}).get(0);
  }

  private List<EmbeddedFace> list(State<V> now, int @Nullable [] live) {
    return new FaceList(
        now.space().model(),
        live == null ? now.faces.size() : live.length,
        i -> now.faces.get(live == null ? i : live[i]),
        i -> vector(now.vectors(), live == null ? i : live[i]));
  }

  @Override
  public int size() {
    return state.live();
  }

  @Override
  public Optional<String> model() {
    return Optional.ofNullable(state.spaceOrNull).map(VectorSpace::model);
  }

  @Override
  public Metric metric() {
    return metric;
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "[" + size() + " faces]";
  }
}
