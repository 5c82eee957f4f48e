package io.facesearch;

import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/**
 * The answer of a {@link FaceIndex}. Immutable and thread-safe.
 *
 * @param matches nearest first; equal distances in order of insertion
 * @param plan how it was found, and so whether it is exact
 * @param leavesVisited tree leaves whose vectors or codes were read; 0 for a flat scan
 * @param distancesComputed distances of whole vectors that were computed
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
