package io.facesearch.index.internal.snapshot;

import io.facesearch.FaceFilter;
import io.facesearch.GalleryComposition;
import io.facesearch.TagValue;
import io.facesearch.index.internal.snapshot.Postings.Slice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which faces bear which name and which tags, kept up to date with an index. Tables of the people
 * and of each tag are made when a filter first asks for them; from then on only what was added is
 * read. A name costs 4 to 6 bytes a face, a number 12, a text 4 to 6, and each different name or
 * text about 76. Thread-safe: the lock is held while tables are brought up to date, not while faces
 * are chosen.
 */
final class FilterIndex {
  private final PeopleTable people = new PeopleTable();
  private final Map<String, TagTable> tags = new HashMap<>();
  private boolean knowsPeople;

  /** What was read last: tables of other faces are of no use. */
  private Faces faces = Faces.EMPTY;

  private volatile long bytes;

  /** The live ordinals of those who bear a name, in order, in a state. */
  synchronized int[] ordinals(SnapshotIndex.State<?> state, String person) {
    followPeople(state);
    return people.ordinals(state, person);
  }

  /** Of a state, or of a newer one that was read already. */
  synchronized GalleryComposition composition(SnapshotIndex.State<?> state) {
    followPeople(state);
    return people.composition();
  }

  /**
   * What a filter matches in a state.
   *
   * @param isNewest whether it is the newest there is
   * @return null if the tables are of a newer state that shares nothing with it
   */
  synchronized @Nullable Matching matching(
      SnapshotIndex.State<?> state, FaceFilter filter, boolean isNewest) {
    if (!isNewest && !state.faces().continues(faces)) {
      return null;
    }
    Matching found = matching(state, filter);
    count();
    return found;
  }

  private Matching matching(SnapshotIndex.State<?> state, FaceFilter filter) {
    Faces all = state.faces();
    if (filter instanceof FaceFilter.Person person) {
      followPeople(state);
      return Matching.listed(
          person.names().stream().map(people::slice).toList(), all, people.read());
    }
    if (filter instanceof FaceFilter.Tag tag) {
      TagTable table = table(tag.name(), all);
      List<Slice> slices = new ArrayList<>();
      for (TagValue value : tag.values()) {
        slices.addAll(table.of(value));
      }
      return Matching.listed(slices, all, table.read());
    }
    if (filter instanceof FaceFilter.TagRange range) {
      TagTable table = table(range.name(), all);
      return Matching.listed(table.between(range.min(), range.max()), all, table.read());
    }
    if (filter instanceof FaceFilter.Folder) {
      return Matching.tested(filter, all); // no table of sources is kept
    }
    if (filter instanceof FaceFilter.Not not) {
      return matching(state, not.filter()).not(all);
    }
    if (filter instanceof FaceFilter.Or or) {
      return Matching.any(or.filters().stream().map(one -> matching(state, one)).toList(), all);
    }
    return Matching.every(
        ((FaceFilter.And) filter)
            .filters().stream().map(one -> new Matching.Part(one, matching(state, one))).toList(),
        all);
  }

  private void follow(Faces now) {
    if (now != faces && !now.continues(faces)) {
      tags.clear();
    }
    faces = now;
  }

  private TagTable table(String name, Faces now) {
    follow(now);
    TagTable table = tags.computeIfAbsent(name, TagTable::new);
    table.follow(now);
    return table;
  }

  private void followPeople(SnapshotIndex.State<?> state) {
    follow(state.faces());
    people.follow(state);
    knowsPeople = true;
  }

  private void count() {
    long sum = knowsPeople ? people.bytes() : 0;
    for (TagTable table : tags.values()) {
      sum += table.bytes();
    }
    bytes = sum;
  }

  /** Memory in bytes, about, as of the last filter. */
  long bytes() {
    return bytes;
  }
}
