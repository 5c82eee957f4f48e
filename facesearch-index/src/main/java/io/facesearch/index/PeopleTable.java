package io.facesearch.index;

import io.facesearch.GalleryComposition;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which faces bear which name, kept up to date with an index: made when it is first asked for, from
 * then on only what was added is read. Thread-safe.
 */
final class PeopleTable {
  /** The ordinals of the faces of one person, in order; some may be removed by now. */
  private static final class Entry {
    private int[] ordinals = new int[2];
    private int size;

    void add(int ordinal) {
      if (size == ordinals.length) {
        ordinals = Arrays.copyOf(ordinals, 2 * size);
      }
      ordinals[size++] = ordinal;
    }
  }

  private final Map<String, Entry> people = new HashMap<>();
  private Faces faces = Faces.EMPTY;
  private int nameless;

  /** Of the last state that was asked about; null if it changed since. */
  private GalleryComposition composition;

  private Removed removed = Removed.NONE;

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

  synchronized GalleryComposition composition(SnapshotIndex.State<?> state) {
    follow(state);
    if (composition == null || removed != state.removed()) {
      removed = state.removed();
      SortedMap<Integer, Integer> counts = new TreeMap<>();
      int named = 0;
      for (Entry entry : people.values()) {
        int live = 0;
        for (int i = 0; i < entry.size; i++) {
          live += removed.contains(entry.ordinals[i]) ? 0 : 1;
        }
        if (live > 0) {
          counts.merge(live, 1, Integer::sum);
          named += live;
        }
      }
      nameless = faces.size() - removed.count() - named;
      composition = new GalleryComposition(nameless, counts);
    }
    return composition;
  }

  private void follow(SnapshotIndex.State<?> state) {
    Faces now = state.faces();
    if (now == faces || (now.continues(faces) && now.size() <= faces.size())) {
      return;
    }
    if (!now.continues(faces)) {
      people.clear();
      faces = Faces.EMPTY;
    }
    for (int ordinal = faces.size(); ordinal < now.size(); ordinal++) {
      int place = ordinal;
      now.get(ordinal)
          .person()
          .ifPresent(person -> people.computeIfAbsent(person, p -> new Entry()).add(place));
    }
    faces = now;
    composition = null;
  }
}
