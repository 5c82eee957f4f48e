package io.facesearch.benchmarks;

import io.github.jbellis.jvector.graph.GraphIndexBuilder;
import io.github.jbellis.jvector.graph.GraphSearcher;
import io.github.jbellis.jvector.graph.ListRandomAccessVectorValues;
import io.github.jbellis.jvector.graph.RandomAccessVectorValues;
import io.github.jbellis.jvector.graph.SearchResult.NodeScore;
import io.github.jbellis.jvector.graph.similarity.DefaultSearchScoreProvider;
import io.github.jbellis.jvector.util.Bits;
import io.github.jbellis.jvector.vector.VectorSimilarityFunction;
import io.github.jbellis.jvector.vector.VectorizationProvider;
import io.github.jbellis.jvector.vector.types.VectorFloat;
import io.github.jbellis.jvector.vector.types.VectorTypeSupport;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** JVector's graph with its layers, in memory, floats not quantized. */
final class JVectorPeer implements GraphPeer {
  /** What JVector's own benchmarks use. */
  private static final float OVERFLOW = 1.2f;

  private static final float ALPHA = 1.2f;

  private final VectorTypeSupport types =
      VectorizationProvider.getInstance().getVectorTypeSupport();
  private RandomAccessVectorValues values;
  private GraphIndexBuilder builder;
  private GraphSearcher searcher;

  @Override
  public String name() {
    return "JVector " + JavaPeers.version(GraphSearcher.class);
  }

  @Override
  @SuppressWarnings("deprecation") // the newer one takes a folder, too
  public void build(float[][] vectors, int efConstruction) {
    List<VectorFloat<?>> list =
        Arrays.stream(vectors).<VectorFloat<?>>map(types::createFloatVector).toList();
    values = new ListRandomAccessVectorValues(list, vectors[0].length);
    builder =
        new GraphIndexBuilder(
            values,
            VectorSimilarityFunction.EUCLIDEAN,
            LINKS,
            efConstruction,
            OVERFLOW,
            ALPHA,
            true);
    searcher = new GraphSearcher(builder.build(values));
  }

  @Override
  public int[] search(float[] query, int k, int ef) {
    DefaultSearchScoreProvider scores =
        DefaultSearchScoreProvider.exact(
            types.createFloatVector(query), VectorSimilarityFunction.EUCLIDEAN, values);
    NodeScore[] nodes = searcher.search(scores, k, ef, 0, 0, Bits.ALL).getNodes();
    int[] rows = new int[nodes.length];
    for (int i = 0; i < nodes.length; i++) {
      rows[i] = nodes[i].node;
    }
    return rows;
  }

  @Override
  public void close() throws IOException {
    searcher.close();
    builder.close();
  }
}
