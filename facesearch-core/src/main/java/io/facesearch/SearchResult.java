package io.facesearch;

import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/**
 * The result of a search. Immutable and thread-safe.
 *
 * @param matches the matches, nearest first; ties in insertion order
 * @param plan how the search was carried out, and so whether the result is exact
 * @param leavesVisited number of tree leaves whose vectors or codes were read; 0 for a flat scan
 * @param distancesComputed number of distances that were computed from complete vectors
 */
public record SearchResult(
    List<FaceMatch> matches, SearchPlan plan, int leavesVisited, long distancesComputed)
    implements Iterable<FaceMatch> {

  /** Copies the list. */
  public SearchResult {
    matches = List.copyOf(matches);
    Objects.requireNonNull(plan, "plan");
  }

  /** The first k matches of a search for more; the rest tells what that search did. */
  SearchResult first(int k) {
    return matches.size() <= k
        ? this
        : new SearchResult(matches.subList(0, k), plan, leavesVisited, distancesComputed);
  }

  @Override
  public Iterator<FaceMatch> iterator() {
    return matches.iterator();
  }
}
