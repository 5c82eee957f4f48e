package io.facesearch.index.internal.snapshot;

import io.facesearch.GalleryComposition;
import io.facesearch.index.internal.snapshot.Postings.Slice;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which faces bear which name, and how many people have how many: made when it first follows a
 * state, from then on only what was added and removed is read. Not thread-safe; a slice stays as it
 * is.
 */
final class PeopleTable {
  private final Map<String, Postings> people = new HashMap<>();

  /** How many people have so many live faces. */
  private final SortedMap<Integer, Integer> counts = new TreeMap<>();

  /** What was read of the index. */
  private Faces faces = Faces.EMPTY;

  private Tombstones removed = Tombstones.NONE;

  /** Live faces that bear a name. */
  private int named;

  private long bytes;

  /** Of what was read; null if it changed since. */
  private @Nullable GalleryComposition composition;

  /** The live ordinals of those who bear a name, in order, in a state that was read. */
  int[] ordinals(SnapshotIndex.State<?> state, String person) {
    Slice slice = slice(person);
    int[] live = new int[slice.size()];
    int n = 0;
    for (int i = 0; i < live.length && slice.ordinals()[i] < state.faces().size(); i++) {
      if (!state.removed().contains(slice.ordinals()[i])) {
        live[n++] = slice.ordinals()[i];
      }
    }
    return Arrays.copyOf(live, n);
  }

  /** The ordinals of those who bear a name, in what was read, removed ones among them. */
  Slice slice(String person) {
    Postings postings = people.get(person);
    return postings == null ? Slice.NONE : postings.slice();
  }

  /** So many faces were read. */
  int read() {
    return faces.size();
  }

  /** Of what was read. */
  GalleryComposition composition() {
    if (composition == null) {
      composition = new GalleryComposition(faces.size() - removed.count() - named, counts);
    }
    return composition;
  }

  /** Memory in bytes, about. */
  long bytes() {
    return bytes;
  }

  /** Reads what is new in a state. */
  void follow(SnapshotIndex.State<?> state) {
    Faces now = state.faces();
    if (now != faces && !now.continues(faces)) {
      people.clear();
      counts.clear();
      faces = Faces.EMPTY;
      removed = Tombstones.NONE;
      named = 0;
      bytes = 0;
      composition = null;
    }
    if (now.size() > faces.size()) {
      for (int ordinal = faces.size(); ordinal < now.size(); ordinal++) {
        int place = ordinal;
        now.getOrGone(ordinal)
            .person()
            .ifPresent(
                person -> {
                  Postings postings = people.get(person);
                  if (postings == null) {
                    postings = new Postings();
                    people.put(person, postings);
                    bytes += Postings.OVERHEAD + 4;
                  }
                  bytes += postings.add(place);
                  count(postings, 1);
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
                  now.getOrGone(ordinal)
                      .person()
                      .ifPresent(person -> count(Objects.requireNonNull(people.get(person)), -1)));
      removed = state.removed();
      composition = null;
    }
  }

  private void count(Postings entry, int change) {
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
