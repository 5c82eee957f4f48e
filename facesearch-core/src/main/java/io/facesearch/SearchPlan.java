package io.facesearch;

/** How an index carried out a search. */
public enum SearchPlan {
  /** Exact: every vector was compared. */
  SCAN,

  /** Exact: the bounds of a tree excluded the vectors that were not compared. */
  TREE,

  /** Exact: lower bounds from small codes excluded the vectors that were not compared. */
  CODES,

  /** Exact: only the faces that an index of people and tags found for the filter were compared. */
  FILTERED,

  /** Approximate: only some leaves, and the neighbors of the faces in them, were compared. */
  APPROXIMATE
}
