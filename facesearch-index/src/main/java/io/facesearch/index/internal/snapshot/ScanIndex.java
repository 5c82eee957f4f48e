package io.facesearch.index.internal.snapshot;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.Metric;
import io.facesearch.Search;
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
    super(metric, 1);
  }

  @Override
  protected Rows append(State<Rows> old, VectorSpace space, List<EmbeddedFace> added) {
    return (old.isUnbound() ? Rows.empty(space.dimension()) : old.vectors()).append(added);
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

  @Override
  public SearchResult search(Embedding query, Search request) {
    Objects.requireNonNull(query, "query");
    View<Rows> view = view(request);
    State<Rows> now = view.state();
    if (now.isUnbound()) {
      return new SearchResult(List.of(), SearchPlan.SCAN, 0, 0);
    }
    double[] values = now.space().query(query);
    TopK nearest = new TopK(0);
    nearest.reset(Math.min(request.k(), view.most()), now.space().radius(request.distance()));
    if (view.few() == null) {
      nearest.accept(view.accepted());
      now.vectors().scan(values, nearest, 0);
    } else {
      for (int ordinal : view.few()) {
        now.vectors().compare(values, nearest, ordinal, ordinal);
      }
    }
    SearchResult found =
        new SearchResult(
            nearest.drain(now.faces(), now.space().metric()),
            view.few() == null ? SearchPlan.SCAN : SearchPlan.FILTERED,
            0,
            nearest.computed());
    return now.space().within(found, request.distance());
  }
}
