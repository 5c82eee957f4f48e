package io.facesearch;

import java.util.Iterator;
import java.util.List;

/**
 * The answer of a {@link FaceIndex}. Immutable and thread-safe.
 *
 * @param matches nearest first; equal distances in order of insertion
 * @param leavesVisited tree leaves whose vectors were compared; 0 for a flat scan
 * @param distancesComputed distances that were computed
 */
public record SearchResult(List<FaceMatch> matches, int leavesVisited, long distancesComputed)
    implements Iterable<FaceMatch> {

  /** Copies the list. */
  public SearchResult {
    matches = List.copyOf(matches);
  }

  @Override
  public Iterator<FaceMatch> iterator() {
    return matches.iterator();
  }
}
