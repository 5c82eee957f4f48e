package io.facesearch.benchmarks;

import com.github.jelmerk.hnswlib.core.DistanceFunctions;
import com.github.jelmerk.hnswlib.core.Item;
import com.github.jelmerk.hnswlib.core.SearchResult;
import com.github.jelmerk.hnswlib.core.hnsw.HnswIndex;
import java.util.List;

/** hnswlib-core, HNSW in plain Java. */
final class HnswlibCorePeer implements GraphPeer {
  private record Row(Integer id, float[] vector) implements Item<Integer, float[]> {
    private static final long serialVersionUID = 1;

    @Override
    public int dimensions() {
      return vector.length;
    }
  }

  private HnswIndex<Integer, float[], Row, Float> index;

  @Override
  public String name() {
    return "hnswlib-core " + JavaPeers.version(HnswIndex.class);
  }

  @Override
  public void build(float[][] vectors, int efConstruction) {
    index =
        HnswIndex.newBuilder(
                vectors[0].length, DistanceFunctions.FLOAT_EUCLIDEAN_DISTANCE, vectors.length)
            .withM(LINKS / 2)
            .withEfConstruction(efConstruction)
            .build();
    for (int i = 0; i < vectors.length; i++) {
      index.add(new Row(i, vectors[i]));
    }
  }

  @Override
  public int[] search(float[] query, int k, int ef) {
    index.setEf(ef);
    List<SearchResult<Row, Float>> found = index.findNearest(query, k);
    int[] rows = new int[found.size()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = found.get(i).item().id();
    }
    return rows;
  }

  @Override
  public void close() {}
}
