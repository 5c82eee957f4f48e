package io.facesearch.solr;

import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceMatch;
import io.facesearch.Search;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.solr.client.solrj.response.QueryResponse;
import org.apache.solr.common.SolrDocument;
import org.apache.solr.common.params.ModifiableSolrParams;

/**
 * Searches of a collection, exact to the last bit: Solr orders by scores that are floats, so a few
 * more faces than are wanted are asked for, their distances are computed here, and it is asked
 * again for more unless what Solr left out is farther than all that is wanted, whatever floats err
 * by.
 */
final class ExactSearch {
  /** What is asked for beyond what is wanted; nearly always enough. */
  private static final int MORE = 6;

  /** From so many on all faces within the distance are asked for, not the nearest. */
  private static final int MANY = 10_000;

  /** Of a score and of 1 plus a squared distance, a little more than floats err. */
  private static final double ROUNDING = 3e-7;

  private final SolrCluster cluster;

  ExactSearch(SolrCluster cluster) {
    this.cluster = cluster;
  }

  private record Candidate(FaceScan.Stored stored, double distance) {}

  private static final Comparator<Candidate> ORDER =
      Comparator.comparingDouble(Candidate::distance).thenComparingLong(each -> each.stored.seq());

  SearchResult search(Embedding query, Search request) {
    long wanted = (long) request.k() + request.excluded().size();
    List<Candidate> found;
    if (wanted <= MANY) {
      found = nearest(query, request, (int) wanted);
    } else if (request.distance() < Double.POSITIVE_INFINITY) {
      found = within(query, request);
    } else {
      found = all(query, request);
    }
    List<FaceMatch> matches = new ArrayList<>();
    found.sort(ORDER);
    for (Candidate each : found) {
      boolean isWanted =
          each.distance <= request.distance()
              && !request.excluded().contains(each.stored.face().face().id());
      if (isWanted && matches.size() < request.k()) {
        matches.add(new FaceMatch(each.stored.face().face(), each.distance));
      }
    }
    return new SearchResult(matches, SearchPlan.CODES, 0, found.size());
  }

  private List<Candidate> nearest(Embedding query, Search request, int wanted) {
    int dimension = query.dimension();
    for (int top = wanted + MORE; ; top = Math.multiplyExact(top, 2)) {
      ModifiableSolrParams params = params(request.filter());
      params.set("q", "{!knn f=vector topK=" + top + "}" + text(query));
      params.set("rows", top);
      QueryResponse response = cluster.query(params);
      List<Candidate> candidates = read(response, query);
      if (candidates.size() < top) {
        return candidates; // there are no more
      }
      candidates.sort(ORDER);
      double farthest = candidates.get(wanted - 1).distance;
      if (farthest > request.distance()) {
        farthest = request.distance();
      }
      double least = least(lastScore(response), dimension);
      if (least > farthest * farthest) {
        return candidates;
      }
    }
  }

  private static double lastScore(QueryResponse response) {
    double least = Double.POSITIVE_INFINITY;
    for (SolrDocument document : response.getResults()) {
      if (document.getFieldValue("score") instanceof Number score) {
        least = Math.min(least, score.doubleValue());
      }
    }
    return least;
  }

  /** The least squared distance that may have a score, or a lower one. */
  private static double least(double score, int dimension) {
    double squared = 1 / score * (1 - ROUNDING) - 1;
    return squared * (1 - dimension * 1.2e-7);
  }

  private List<Candidate> within(Embedding query, Search request) {
    double squared =
        request.distance() * request.distance() * (1 + query.dimension() * 1.2e-7) + 1e-9;
    float score = Math.nextDown((float) ((1 - ROUNDING) / (1 + squared)));
    ModifiableSolrParams params = params(request.filter());
    params.set("q", "{!vectorSimilarity f=vector minReturn=" + score + "}" + text(query));
    params.set("rows", MANY);
    QueryResponse response = cluster.query(params);
    long count = response.getResults().getNumFound();
    while (count > response.getResults().size()) {
      params.set("rows", Math.toIntExact(count));
      response = cluster.query(params);
      count = response.getResults().getNumFound();
    }
    return read(response, query);
  }

  private List<Candidate> all(Embedding query, Search request) {
    List<Candidate> found = new ArrayList<>();
    FaceScan scan =
        new FaceScan(
            cluster,
            query.model(),
            params -> FilterQuery.add(params, request.filter()),
            Long.MAX_VALUE - 1);
    scan.forEachRemaining(
        each -> found.add(new Candidate(each, query.distanceTo(each.face().embedding()))));
    return found;
  }

  private static ModifiableSolrParams params(FaceFilter filter) {
    ModifiableSolrParams params = new ModifiableSolrParams();
    FilterQuery.add(params, filter);
    params.set("fl", Fields.ID, Fields.SEQ, Fields.DATA, "score");
    return params;
  }

  private static List<Candidate> read(QueryResponse response, Embedding query) {
    List<Candidate> candidates = new ArrayList<>(response.getResults().size());
    for (SolrDocument document : response.getResults()) {
      FaceScan.Stored stored = FaceScan.read(document, query.model());
      candidates.add(new Candidate(stored, query.distanceTo(stored.face().embedding())));
    }
    return candidates;
  }

  private static String text(Embedding query) {
    StringBuilder text = new StringBuilder(12 * query.dimension()).append('[');
    for (int i = 0; i < query.dimension(); i++) {
      text.append(i == 0 ? "" : ",").append(query.get(i));
    }
    return text.append(']').toString();
  }
}
