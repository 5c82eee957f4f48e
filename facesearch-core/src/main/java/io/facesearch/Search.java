package io.facesearch;

import java.util.Collection;
import java.util.Objects;
import java.util.Set;

/**
 * A search request: how many faces, within which distance, which faces, and how much accuracy may
 * be traded for speed. The same request works with every index, store and gallery, and with
 * vectors, photos and stored faces. Immutable and thread-safe.
 *
 * <pre>{@code
 * Search.nearest(10).where(FaceFilter.tag("camera", "door"))
 * Search.within(1.05).excluding(List.of("holiday/1.jpg#0"))
 * Search.nearest(10).atMost(1.05)
 * Search.nearest(100).recall(0.95)
 * }</pre>
 */
public final class Search {
  private final int k;
  private final double distance;
  private final FaceFilter filter;
  private final Set<String> excluded;

  /** NaN where a share of the leaves is asked for. */
  private final double recall;

  /** NaN where a recall is asked for. */
  private final double leaves;

  private Search(
      int k,
      double distance,
      FaceFilter filter,
      Set<String> excluded,
      double recall,
      double leaves) {
    this.k = k;
    this.distance = distance;
    this.filter = filter;
    this.excluded = excluded;
    this.recall = recall;
    this.leaves = leaves;
  }

  /**
   * Requests the nearest faces.
   *
   * @param k how many, at least 1; the result has fewer if fewer qualify
   * @return an exact search among all faces
   * @throws IllegalArgumentException if k is less than 1
   */
  public static Search nearest(int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1, but is: " + k);
    }
    return new Search(k, Double.POSITIVE_INFINITY, FaceFilter.all(), Set.of(), 1, 1);
  }

  /**
   * Requests all faces within a distance.
   *
   * @param distance the greatest distance, inclusive, 0 or more, in the metric of the index
   * @return an exact search among all faces
   * @throws IllegalArgumentException if the distance is negative or NaN
   */
  public static Search within(double distance) {
    return nearest(Integer.MAX_VALUE).atMost(distance);
  }

  /**
   * Returns a copy that is limited to a distance.
   *
   * @param newDistance the greatest distance, inclusive, 0 or more, in the metric of the index
   * @return a new request
   * @throws IllegalArgumentException if the distance is negative or NaN
   */
  public Search atMost(double newDistance) {
    if (!(newDistance >= 0)) {
      throw new IllegalArgumentException("a distance must be 0 or more, but is: " + newDistance);
    }
    return new Search(k, newDistance, filter, excluded, recall, leaves);
  }

  /**
   * Returns a copy that is limited to the faces that a filter matches. The filter is applied during
   * the search, so the result has k faces if as many match. Replaces any previous filter.
   *
   * @param newFilter which faces may be returned; {@link FaceFilter#all} for all
   * @return a new request
   */
  public Search where(FaceFilter newFilter) {
    Objects.requireNonNull(newFilter, "filter");
    return new Search(k, distance, newFilter, excluded, recall, leaves);
  }

  /**
   * Returns a copy that excludes some faces. Replaces those excluded before.
   *
   * @param ids ids of faces; unknown ids are ignored
   * @return a new request
   */
  public Search excluding(Collection<String> ids) {
    return new Search(k, distance, filter, Set.copyOf(ids), recall, leaves);
  }

  /**
   * Returns a copy that allows the cheapest approximate search that reached a given recall on
   * held-out queries when the index's tree was built. The search is exact if none reached it, or if
   * the index has no approximate search.
   *
   * @param share the share of the k nearest faces that must be found on average, above 0 and at
   *     most 1; 1 (the default) is exact
   * @return a new request
   * @throws IllegalArgumentException if out of range
   */
  public Search recall(double share) {
    return new Search(
        k, distance, filter, excluded, check("recall", share), share == 1 ? 1 : Double.NaN);
  }

  /**
   * Returns a copy that looks only at the leaves of the index's tree whose means are nearest to the
   * query, and at the neighbors of the faces in them. With a filter, or without a tree, the search
   * is exact; {@link SearchResult#plan} says so.
   *
   * @param share the share of all leaves, above 0 and at most 1; 1 (the default) is exact
   * @return a new request
   * @throws IllegalArgumentException if out of range
   */
  public Search leaves(double share) {
    return new Search(
        k,
        distance,
        filter,
        excluded,
        share == 1 ? 1 : Double.NaN,
        check("share of leaves", share));
  }

  private static double check(String what, double value) {
    if (!(value > 0 && value <= 1)) {
      throw new IllegalArgumentException(what + " must be above 0 and at most 1, but is: " + value);
    }
    return value;
  }

  /** {@return how many faces are requested, at least 1; {@link Integer#MAX_VALUE} for all} */
  public int k() {
    return k;
  }

  /** {@return the greatest distance, in the metric of the index; infinity for no limit} */
  public double distance() {
    return distance;
  }

  /** {@return which faces may be returned; {@link FaceFilter#all} for all} */
  public FaceFilter filter() {
    return filter;
  }

  /** {@return the ids of faces that may not be returned, whatever the filter says} */
  public Set<String> excluded() {
    return excluded;
  }

  /**
   * {@return whether the search must be exact: true unless a recall or a share of leaves below 1
   * was requested}
   */
  public boolean isExact() {
    return recall == 1 && leaves == 1;
  }

  /**
   * {@return the requested recall, above 0 and at most 1; NaN if a share of leaves was requested
   * instead}
   */
  public double recall() {
    return recall;
  }

  /**
   * {@return the requested share of leaves, above 0 and at most 1; NaN if a recall was requested
   * instead}
   */
  public double leaves() {
    return leaves;
  }

  /**
   * Returns whether a face may be returned, regardless of its distance.
   *
   * @param face a face of the index
   * @return true if it may
   */
  public boolean accepts(FaceRecord face) {
    return filter.matches(face) && !excluded.contains(face.id());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("Search[");
    text.append(k == Integer.MAX_VALUE ? "all" : "nearest " + k);
    if (distance < Double.POSITIVE_INFINITY) {
      text.append(", within ").append(distance);
    }
    if (!filter.equals(FaceFilter.all())) {
      text.append(", where ").append(filter);
    }
    if (!excluded.isEmpty()) {
      text.append(", without ").append(excluded.size()).append(" faces");
    }
    if (!isExact()) {
      text.append(Double.isNaN(recall) ? ", " + leaves + " of the leaves" : ", recall " + recall);
    }
    return text.append(']').toString();
  }
}
