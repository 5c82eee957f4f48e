package io.facesearch.benchmarks;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The data of the JMH benchmarks of the index. */
@State(Scope.Benchmark)
public class BenchmarkIndex {
  /** The folder of the statistics, see {@link FaceVectors}. */
  @Param("../shared/data/vectors")
  public String statistics;

  /** face20 or face2; face20-unit or face2-unit with the statistics of unit vectors. */
  @Param("face2")
  public String kind;

  /** Number of vectors. */
  @Param("40000")
  public int count;

  private @Nullable FaceVectors vectors;

  FaceVectors vectors() throws IOException {
    if (vectors == null) {
      vectors = FaceVectors.make(Path.of(statistics), kind, count, PeerData.BATCH, 1);
    }
    return vectors;
  }

  List<EmbeddedFace> faces() throws IOException {
    List<EmbeddedFace> faces = new ArrayList<>(count);
    for (float[] vector : vectors().gallery()) {
      faces.add(
          new EmbeddedFace(
              FaceRecord.of(Integer.toString(faces.size())), Embedding.of(kind, vector)));
    }
    return faces;
  }

  List<Embedding> queries() throws IOException {
    return Arrays.stream(vectors().queries()).map(query -> Embedding.of(kind, query)).toList();
  }
}
