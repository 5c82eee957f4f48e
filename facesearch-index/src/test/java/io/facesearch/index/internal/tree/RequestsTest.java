package io.facesearch.index.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceMatch;
import io.facesearch.Metric;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.internal.quantize.BoundKernelTest;
import io.facesearch.index.testing.RandomRequests;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.IntRange;
import io.facesearch.testing.ListIndex;
import io.facesearch.testing.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Every request has the same answer, bit for bit, from a loop, the flat scan and the tree. */
class RequestsTest {
  private static void change(List<FaceIndex> indexes, List<EmbeddedFace> faces, Random random) {
    List<String> removed = new ArrayList<>();
    for (EmbeddedFace face : faces) {
      if (random.nextInt(20) == 0) {
        removed.add(face.face().id());
      }
    }
    for (FaceIndex index : indexes) {
      index.addAll(faces);
      removed.forEach(index::remove);
    }
  }

  private static void compare(
      FaceIndex expected, FaceIndex index, List<Embedding> queries, RandomRequests requests) {
    List<String> ids = expected.faces().stream().map(face -> face.face().id()).toList();
    for (int i = 0; i < 12; i++) {
      Embedding query = queries.get(i % queries.size());
      List<Double> distances =
          expected.search(query, 60).matches().stream().map(FaceMatch::distance).toList();
      Search request = requests.request(ids, distances);
      List<FaceMatch> matches = expected.search(query, request).matches();
      assertThat(index.search(query, request).matches()).as("%s", request).isEqualTo(matches);
      List<SearchResult> batch = index.searchAll(queries, request);
      assertThat(batch.get(i % queries.size()).matches()).as("%s", request).isEqualTo(matches);
      if (!ids.isEmpty()) {
        String id = ids.get(i % ids.size());
        assertThat(index.search(id, request).matches())
            .as("%s of %s", request, id)
            .isEqualTo(expected.search(id, request).matches())
            .noneMatch(match -> match.face().id().equals(id));
      }
    }
  }

  /** Sums of whole numbers are exact in any order. */
  @Property(tries = 150)
  void theFlatScanAnswersAsALoopDoes(
      @ForAll @IntRange(min = 1, max = 40) int dimension,
      @ForAll @IntRange(min = 0, max = 500) int count,
      @ForAll long seed) {
    Random random = new Random(seed);
    RandomRequests requests = new RandomRequests(random);
    ListIndex loop = new ListIndex();
    FlatIndex flat = new FlatIndex();
    TreeIndex tree = TreeIndex.builder().leafSize(9).build();
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      faces.add(new EmbeddedFace(requests.record("f" + i), vector(dimension, random)));
    }
    change(List.of(loop, flat, tree), faces, random);
    List<Embedding> queries = List.of(vector(dimension, random), vector(dimension, random));
    compare(loop, flat, queries, requests);
    compare(loop, tree, queries, requests);
  }

  private static Embedding vector(int dimension, Random random) {
    float[] vector = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      vector[i] = random.nextInt(5) - 2;
    }
    return Embedding.of("m", vector);
  }

  @Property(tries = 150)
  void theTreeAnswersAsTheFlatScanDoes(
      @ForAll TreeEqualsFlatTest.Kind kind,
      @ForAll @IntRange(min = 1, max = 160) int dimension,
      @ForAll @IntRange(min = 1, max = 1500) int count,
      @ForAll long seed) {
    Random random = new Random(seed);
    RandomRequests requests = new RandomRequests(random);
    Metric metric = random.nextInt(3) == 0 ? Metric.COSINE : Metric.EUCLIDEAN;
    FlatIndex flat = new FlatIndex(metric);
    TreeIndex tree =
        TreeIndex.builder()
            .metric(metric)
            .leafSize(1 + random.nextInt(40))
            .searchThreads(1 + random.nextInt(3))
            .leastToShare(1)
            .manyShare(random.nextInt(10))
            .codeUse(BoundKernelTest.anyCodeUse(random))
            .build();
    for (int part = 0; part < 2; part++) {
      List<EmbeddedFace> faces = new ArrayList<>();
      for (int i = 0; i < (part == 0 ? count : random.nextInt(1 + count / 5)); i++) {
        faces.add(
            new EmbeddedFace(
                requests.record("f" + part + "." + i),
                TreeEqualsFlatTest.face("f", kind, dimension, random).embedding()));
      }
      change(List.of(flat, tree), faces, random);
      List<Embedding> queries = new ArrayList<>();
      for (int q = 0; q < 3; q++) {
        queries.add(TreeEqualsFlatTest.face("q", kind, dimension, random).embedding());
      }
      compare(flat, tree, queries, requests);
    }
  }
}
