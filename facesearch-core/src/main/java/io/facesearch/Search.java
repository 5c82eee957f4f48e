package io.facesearch;

import java.util.Collection;
import java.util.Objects;
import java.util.Set;

/**
 * What a search shall find: how many faces, within which distance, which of them, and how much of
 * the gallery may be left out for speed. One request works on every index, store and gallery, with
 * a vector, a photo, a face of a photo, or a face that is stored. Immutable and thread-safe.
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
   * The nearest faces.
   *
   * @param k how many, at least 1; fewer come back if fewer may
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
   * All faces within a distance.
   *
   * @param distance the greatest distance in the metric of the index, 0 or more; the bound itself
   *     is included
   * @return an exact search among all faces
   * @throws IllegalArgumentException if the distance is negative or NaN
   */
  public static Search within(double distance) {
    return nearest(Integer.MAX_VALUE).atMost(distance);
  }

  /**
   * The same search, but only within a distance.
   *
   * @param newDistance the greatest distance in the metric of the index, 0 or more; the bound
   *     itself is included
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
   * The same search among the faces that a filter matches. It is tested during the search, so k
   * faces come back if as many match. Takes the place of the filter before.
   *
   * @param newFilter which faces may be returned; {@link FaceFilter#all} for all
   * @return a new request
   */
  public Search where(FaceFilter newFilter) {
    Objects.requireNonNull(newFilter, "filter");
    return new Search(k, distance, newFilter, excluded, recall, leaves);
  }

  /**
   * The same search without some faces. Takes the place of those excluded before.
   *
   * @param ids of faces; those that the index does not have do nothing
   * @return a new request
   */
  public Search excluding(Collection<String> ids) {
    return new Search(k, distance, filter, Set.copyOf(ids), recall, leaves);
  }

  /**
   * The cheapest search whose recall reached this on held-out queries when the tree was built.
   * Where no approximate search reached it, and on an index that has none, the search is exact.
   *
   * @param share the share of the k nearest faces that is to be found on average, above 0 and at
   *     most 1; 1 (the default) is exact
   * @return a new request
   * @throws IllegalArgumentException if out of range
   */
  public Search recall(double share) {
    return new Search(
        k, distance, filter, excluded, check("recall", share), share == 1 ? 1 : Double.NaN);
  }

  /**
   * Looks at the leaves of the tree whose means are nearest to the query, and at the neighbors of
   * what they hold. With a filter, and on an index without a tree, the search is exact; {@link
   * SearchResult#plan} tells.
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

  /**
   * How many faces are wanted.
   *
   * @return at least 1; {@link Integer#MAX_VALUE} for all
   */
  public int k() {
    return k;
  }

  /** {@return how far they may be, in the metric of the index; infinite for any distance} */
  public double distance() {
    return distance;
  }

  /**
   * Which faces may be returned.
   *
   * @return {@link FaceFilter#all} for all
   */
  public FaceFilter filter() {
    return filter;
  }

  /** {@return the ids of faces that may not be returned, whatever the filter says} */
  public Set<String> excluded() {
    return excluded;
  }

  /**
   * Whether everything that may be returned must be found.
   *
   * @return true unless a recall or a share of leaves below 1 is asked for
   */
  public boolean isExact() {
    return recall == 1 && leaves == 1;
  }

  /**
   * {@return the recall that is asked for, above 0 and at most 1; NaN if a share of the leaves is}
   */
  public double recall() {
    return recall;
  }

  /**
   * {@return the share of the leaves that is asked for, above 0 and at most 1; NaN if a recall is}
   */
  public double leaves() {
    return leaves;
  }

  /**
   * Whether a face may be returned, its distance aside.
   *
   * @param face of the index
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
