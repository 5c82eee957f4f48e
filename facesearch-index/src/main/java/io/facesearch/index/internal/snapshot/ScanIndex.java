package io.facesearch.index.internal.snapshot;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.Metric;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import java.util.List;
import java.util.Objects;

/** The index behind {@code FlatIndex}: it compares the query with every face. */
public final class ScanIndex extends SnapshotIndex<Rows> {
  /** So many removed faces at least make it worth while to be compact again. */
  private static final int LEAST_REMOVED = 1024;

  /** Makes an empty index, which the first face binds to its model. */
  public ScanIndex(Metric metric) {
    super(metric);
  }

  @Override
  protected Rows append(State<Rows> old, VectorSpace space, List<EmbeddedFace> added) {
    return (old.vectors() == null ? Rows.empty(space.dimension()) : old.vectors()).append(added);
  }

  @Override
  protected float[] vector(Rows rows, int ordinal) {
    return rows.get(ordinal);
  }

  @Override
  protected Rows copy(State<Rows> old, int[] ordinals) {
    return old.vectors().copy(ordinals);
  }

  @Override
  protected void changed() {
    State<Rows> now = state();
    if (now.removed().count() > Math.max(LEAST_REMOVED, now.live())) {
      publish(compact(now));
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if k is less than 1
   */
  @Override
  public SearchResult search(Embedding query, int k) {
    return scan(query, k, null);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if k is less than 1
   */
  @Override
  public SearchResult search(Embedding query, int k, FaceFilter filter) {
    return scan(query, k, Objects.requireNonNull(filter, "filter"));
  }

  private SearchResult scan(Embedding query, int k, FaceFilter filter) {
    Objects.requireNonNull(query, "query");
    VectorSpace.checkK(k);
    State<Rows> now = state();
    return scan(now, query, new TopK(Math.min(k, now.live())), filter);
  }

  private static SearchResult scan(
      State<Rows> now, Embedding query, TopK nearest, FaceFilter filter) {
    if (now.space() == null) {
      return new SearchResult(List.of(), SearchPlan.SCAN, 0, 0);
    }
    double[] values = now.space().query(query);
    nearest.accept(now.accepted(filter));
    now.vectors().scan(values, nearest, 0);
    return new SearchResult(
        nearest.drain(now.faces(), now.space().metric()), SearchPlan.SCAN, 0, nearest.computed());
  }

  /**
   * Finds all faces within a distance; O(n · d).
   *
   * @param query a vector of the same model
   * @param distance the greatest distance in the {@link #metric()}, 0 or more; the bound itself is
   *     included
   * @return nearest first; equal distances in order of insertion
   * @throws io.facesearch.ModelMismatchException if model or dimension differ from those of the
   *     index
   * @throws IllegalArgumentException if the distance is negative or NaN
   */
  public SearchResult within(Embedding query, double distance) {
    Objects.requireNonNull(query, "query");
    VectorSpace.checkDistance(distance);
    State<Rows> now = state();
    TopK nearest = new TopK(0);
    if (now.space() == null) {
      return scan(now, query, nearest, null);
    }
    nearest.resetWithin(now.space().radius(distance));
    SearchResult found = scan(now, query, nearest, null);
    return new SearchResult(
        now.space().within(found.matches(), distance),
        found.plan(),
        found.leavesVisited(),
        found.distancesComputed());
  }
}
