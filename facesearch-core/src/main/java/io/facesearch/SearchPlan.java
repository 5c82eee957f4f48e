package io.facesearch;

/** The way in which an index found its answer. */
public enum SearchPlan {
  /** Exact: every vector was compared. */
  SCAN,

  /** Exact: the bounds of a tree excluded the vectors that were not compared. */
  TREE,

  /** Exact: lower bounds from small codes excluded the vectors that were not compared. */
  CODES,

  /** Exact: only the faces that the filter's index names were compared. */
  FILTERED,

  /** Approximate: some leaves, and the neighbors of what they held; the rest was not looked at. */
  APPROXIMATE
}
