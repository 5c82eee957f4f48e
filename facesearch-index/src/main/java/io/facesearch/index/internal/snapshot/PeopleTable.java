package io.facesearch.index.internal.snapshot;

import io.facesearch.GalleryComposition;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which faces bear which name, kept up to date with an index: made when it is first asked for, from
 * then on only what was added and removed is read. Thread-safe.
 */
public final class PeopleTable {
  /** The ordinals of the faces of one person, in order; some may be removed by now. */
  private static final class Entry {
    private int[] ordinals = new int[2];
    private int size;
    private int live;

    void add(int ordinal) {
      if (size == ordinals.length) {
        ordinals = Arrays.copyOf(ordinals, 2 * size);
      }
      ordinals[size++] = ordinal;
    }
  }

  private final Map<String, Entry> people = new HashMap<>();

  /** How many people have so many live faces. */
  private final SortedMap<Integer, Integer> counts = new TreeMap<>();

  /** What was read of the index. */
  private Faces faces = Faces.EMPTY;

  private Tombstones removed = Tombstones.NONE;

  /** Live faces that bear a name. */
  private int named;

  /** Of what was read; null if it changed since. */
  private GalleryComposition composition;

  /** The live ordinals of those who bear a name, in order, in a state. */
  synchronized int[] ordinals(SnapshotIndex.State<?> state, String person) {
    follow(state);
    Entry entry = people.get(person);
    if (entry == null) {
      return new int[0];
    }
    int[] live = new int[entry.size];
    int n = 0;
    for (int i = 0; i < entry.size && entry.ordinals[i] < state.faces().size(); i++) {
      if (!state.removed().contains(entry.ordinals[i])) {
        live[n++] = entry.ordinals[i];
      }
    }
    return Arrays.copyOf(live, n);
  }

  /** Of a state, or of a newer one that was read already. */
  synchronized GalleryComposition composition(SnapshotIndex.State<?> state) {
    follow(state);
    if (composition == null) {
      composition = new GalleryComposition(faces.size() - removed.count() - named, counts);
    }
    return composition;
  }

  private void follow(SnapshotIndex.State<?> state) {
    Faces now = state.faces();
    if (now != faces && !now.continues(faces)) {
      people.clear();
      counts.clear();
      faces = Faces.EMPTY;
      removed = Tombstones.NONE;
      named = 0;
      composition = null;
    }
    if (now.size() > faces.size()) {
      for (int ordinal = faces.size(); ordinal < now.size(); ordinal++) {
        int place = ordinal;
        now.get(ordinal)
            .person()
            .ifPresent(
                person -> {
                  Entry entry = people.computeIfAbsent(person, p -> new Entry());
                  entry.add(place);
                  count(entry, 1);
                });
      }
      faces = now;
      composition = null;
    }
    // In one row of states faces are only ever removed, so fewer means that this one is older.
    if (state.removed().count() > removed.count()) {
      state
          .removed()
          .since(removed)
          .forEach(
              ordinal ->
                  now.get(ordinal).person().ifPresent(person -> count(people.get(person), -1)));
      removed = state.removed();
      composition = null;
    }
  }

  private void count(Entry entry, int change) {
    if (entry.live > 0) {
      counts.merge(entry.live, -1, (a, b) -> a + b == 0 ? null : a + b);
    }
    entry.live += change;
    named += change;
    if (entry.live > 0) {
      counts.merge(entry.live, 1, Integer::sum);
    }
  }
}
