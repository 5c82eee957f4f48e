package io.facesearch.index.internal.tree;

import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.Search;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import io.facesearch.index.internal.snapshot.SnapshotIndex.State;
import io.facesearch.index.internal.snapshot.SnapshotIndex.View;
import io.facesearch.index.internal.snapshot.TopK;
import io.facesearch.index.internal.snapshot.VectorSpace;
import io.facesearch.index.internal.tree.TreeIndex.Vectors;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chooses how a request is answered in a state of a {@link TreeIndex}, and does it. Immutable. */
final class TreeQueries {
  /** For more faces an approximate search would have to keep too many in order. */
  private static final int MOST_APPROXIMATE = 1000;

  /** Where removed faces take more places of the beam, which costs its square, codes are faster. */
  private static final int WIDEST = 4;

  /** So many queries of a batch take turns. */
  private static final int GROUP = 16;

  private final SearchThreads threads;

  TreeQueries(SearchThreads threads) {
    this.threads = threads;
  }

  /** Answers one query. */
  SearchResult search(View<Vectors> view, Embedding query, Search request) {
    State<Vectors> now = view.state();
    if (now.isUnbound()) {
      return new SearchResult(List.of(), SearchPlan.SCAN, 0, 0);
    }
    SplitTree tree = now.vectors().tree();
    if (tree == null) {
      return scan(view, query, request);
    }
    SearchResult found = request.isExact() ? null : approximate(tree, view, query, request);
    return found == null ? exact(tree, view, query, request) : found;
  }

  /** Null if only an exact search will do. */
  private static @Nullable SearchResult approximate(
      SplitTree tree, View<Vectors> view, Embedding query, Search request) {
    State<Vectors> now = view.state();
    // The excluded take places of the beam.
    int excluded = now.live() - view.most();
    if (request.k() > MOST_APPROXIMATE - excluded
        || tree.means == null
        || tree.calibration == null
        || view.most() == 0
        || !request.filter().equals(FaceFilter.all())) {
      return null;
    }
    int k = request.k() + excluded;
    int most = Math.min(k, tree.size());
    int blocks;
    int beam;
    if (Double.isNaN(request.recall())) {
      blocks = (int) Math.ceil(request.leaves() * tree.means.count);
      beam = RecallCalibration.beam(most);
    } else {
      RecallSetting setting = tree.calibration.setting(k, request.recall());
      if (setting == null) {
        return null;
      }
      blocks = (int) Math.round(setting.leafShare() * tree.means.count);
      beam = Math.max(most, setting.beam());
    }
    // Removed faces still lie among the neighbors and take places of the beam.
    long widened = (long) beam * now.faces().size() / now.live();
    if (widened > (long) WIDEST * beam) {
      return null;
    }
    beam = (int) widened;
    Searcher searcher = tree.searchers.take();
    begin(view, searcher, query, request.atMost(Double.POSITIVE_INFINITY));
    int leaves = searcher.runApproximately(beam, blocks);
    searcher.scanAfterApproximate(now.vectors().delta());
    boolean isFull = searcher.nearest.size() >= Math.min(request.k(), view.most());
    SearchResult result = drain(now, searcher, SearchPlan.APPROXIMATE, leaves, request);
    tree.searchers.giveBack(searcher);
    return isFull ? result : null;
  }

  private static void begin(
      View<Vectors> view, Searcher searcher, Embedding query, Search request) {
    VectorSpace space = view.state().space();
    space.query(query, searcher.query);
    searcher.nearest.reset(Math.min(request.k(), view.most()), space.radius(request.distance()));
    searcher.nearest.accept(view.accepted());
  }

  /** How many faces the way of searching is chosen for; 0 for all within a distance. */
  private static int wanted(SplitTree tree, Search request) {
    boolean isBounded = request.distance() < Double.POSITIVE_INFINITY;
    return isBounded && request.k() > tree.size() / 2 ? 0 : request.k();
  }

  private SearchResult exact(SplitTree tree, View<Vectors> view, Embedding query, Search request) {
    State<Vectors> now = view.state();
    if (view.few() != null) {
      Searcher few = tree.searchers.take();
      begin(view, few, query, request);
      few.compare(view.few(), now.vectors().delta());
      SearchResult result = drain(now, few, SearchPlan.FILTERED, 0, request);
      tree.searchers.giveBack(few);
      return result;
    }
    int k = wanted(tree, request);
    Searcher searcher = tree.searchers.take();
    begin(view, searcher, query, request);
    int leaves = k == 0 ? searcher.runWithin(threads) : searcher.run(k, threads);
    searcher.scan(now.vectors().delta(), k);
    SearchResult result = drain(now, searcher, searcher.plan(k), leaves, request);
    tree.searchers.giveBack(searcher);
    return result;
  }

  private static SearchResult scan(View<Vectors> view, Embedding query, Search request) {
    State<Vectors> now = view.state();
    TopK nearest = new TopK(0);
    nearest.reset(Math.min(request.k(), view.most()), now.space().radius(request.distance()));
    nearest.accept(view.accepted());
    double[] values = now.space().query(query);
    if (view.few() == null) {
      now.vectors().delta().scan(values, nearest, 0);
      return result(now, nearest, SearchPlan.SCAN, 0, request);
    }
    for (int ordinal : view.few()) {
      now.vectors().delta().rows.compare(values, nearest, ordinal, ordinal);
    }
    return result(now, nearest, SearchPlan.FILTERED, 0, request);
  }

  private static SearchResult drain(
      State<Vectors> now, Searcher searcher, SearchPlan plan, int leaves, Search request) {
    return result(now, searcher.nearest, plan, leaves, request);
  }

  private static SearchResult result(
      State<Vectors> now, TopK nearest, SearchPlan plan, int leaves, Search request) {
    VectorSpace space = now.space();
    return space.within(
        new SearchResult(
            nearest.drain(now.faces(), space.metric()), plan, leaves, nearest.computed()),
        request.distance());
  }

  /** Answers many, in the same state. */
  List<SearchResult> searchAll(View<Vectors> view, List<Embedding> all, Search request) {
    State<Vectors> now = view.state();
    SplitTree tree = now.isUnbound() ? null : now.vectors().tree();
    int k = tree == null || view.few() != null ? 0 : wanted(tree, request);
    List<SearchResult> results = new ArrayList<>(all.size());
    if (tree == null || k == 0 || !request.isExact()) {
      for (Embedding query : all) {
        results.add(search(view, query, request));
      }
      return List.copyOf(results);
    }
    for (Embedding query : all) {
      query.checkSameModel(now.space().model(), now.space().dimension());
    }
    Searcher[] group = new Searcher[Math.min(GROUP, all.size())];
    for (int i = 0; i < group.length; i++) {
      group[i] = tree.searchers.take();
    }
    for (int from = 0; from < all.size(); from += GROUP) {
      int count = Math.min(GROUP, all.size() - from);
      for (int i = 0; i < count; i++) {
        begin(view, group[i], all.get(from + i), request);
      }
      Searcher.run(group, count, k);
      for (int i = 0; i < count; i++) {
        group[i].scan(now.vectors().delta(), k);
        results.add(drain(now, group[i], group[i].plan(k), group[i].leaves(k), request));
      }
    }
    for (Searcher searcher : group) {
      tree.searchers.giveBack(searcher);
    }
    return List.copyOf(results);
  }
}
