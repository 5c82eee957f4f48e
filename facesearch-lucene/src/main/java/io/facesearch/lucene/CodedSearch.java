package io.facesearch.lucene;

import io.facesearch.index.internal.quantize.QuantizedVectors;
import io.facesearch.index.internal.tree.Candidates;
import io.facesearch.index.internal.tree.ChunkSearch;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.lucene.search.KnnCollector;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.hnsw.RandomVectorScorer;
import org.jspecify.annotations.Nullable;

/**
 * One search at a time by codes, for a collector of Lucene; keeps its memory for the next one. Not
 * thread-safe.
 */
final class CodedSearch {
  private final Collected collected = new Collected();
  private final ChunkSearch search;
  private final double[] query;

  CodedSearch(QuantizedVectors codes) {
    search = new ChunkSearch(codes, collected);
    query = new double[codes.dimension];
  }

  /**
   * Collects all vectors that the codes do not exclude.
   *
   * @param target as it is
   * @param acceptOrds null for all
   */
  void search(
      float[] target,
      ScoreLimit limit,
      RandomVectorScorer scorer,
      @Nullable Bits acceptOrds,
      KnnCollector collector)
      throws IOException {
    limit.query(target, query);
    collected.limit = limit;
    collected.scorer = scorer;
    collected.acceptOrds = acceptOrds;
    collected.collector = collector;
    collected.size = 0;
    collected.limitOf = Float.NaN;
    collected.isTerminated = false;
    try {
      search.search(query, Math.max(1, collector.k()));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      collected.scorer = null; // which holds the index
      collected.acceptOrds = null;
      collected.collector = null;
    }
  }

  /** Scores are Lucene's own, and so are the winners. */
  private static final class Collected extends Candidates {
    @Nullable ScoreLimit limit;
    @Nullable RandomVectorScorer scorer;
    @Nullable Bits acceptOrds;
    @Nullable KnnCollector collector;
    int size;
    boolean isTerminated;

    /** The score that the limit was computed from. */
    float limitOf;

    private double squaredLimit;

    @Override
    public boolean accepts(int row) {
      return !isTerminated && (acceptOrds == null || acceptOrds.get(row));
    }

    @Override
    public void compare(int[] rows, int count) {
      RandomVectorScorer ofQuery = scorer;
      KnnCollector target = collector;
      if (ofQuery == null || target == null) {
        throw new IllegalStateException("no search has begun");
      }
      try {
        for (int i = 0; i < count && !isTerminated; i++) {
          if (target.earlyTerminated()) {
            isTerminated = true;
          } else {
            target.incVisitedCount(1);
            target.collect(ofQuery.ordToDoc(rows[i]), ofQuery.score(rows[i]));
            size++;
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public double squaredLimit() {
      if (isTerminated) {
        return 0; // nothing more is wanted
      }
      ScoreLimit ofScore = limit;
      KnnCollector target = collector;
      if (ofScore == null || target == null) {
        return Double.POSITIVE_INFINITY;
      }
      float score = target.minCompetitiveSimilarity();
      if (score != limitOf) {
        limitOf = score;
        squaredLimit = ofScore.squared(score);
      }
      return squaredLimit;
    }

    @Override
    public int size() {
      return size;
    }
  }
}
