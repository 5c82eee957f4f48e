package io.facesearch.index.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.Metric;
import io.facesearch.ModelMismatchException;
import io.facesearch.Search;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import io.facesearch.index.internal.quantize.BoundKernel;
import io.facesearch.index.internal.quantize.BoundKernelTest;
import io.facesearch.index.testing.People;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApproximateSearchTest {
  private static final int QUERIES = 200;

  private final long seed = Long.getLong("tests.seed", System.nanoTime());
  private People people;
  private List<EmbeddedFace> photos;
  private final List<TreeIndex> indexes = new ArrayList<>();

  @BeforeAll
  void build() {
    System.out.println("seed " + seed);
    people = new People(1500, new Random(seed));
    photos = people.photos(8);
    for (BoundKernel kernel : BoundKernelTest.kernels()) {
      TreeIndex index = TreeIndex.builder().codeUse(CodeUse.always(kernel)).build();
      index.addAll(photos);
      indexes.add(index);
    }
  }

  private static double recall(TreeIndex index, Embedding query, Search request) {
    int k = request.k();
    List<FaceMatch> exact = index.search(query, k).matches();
    SearchResult found = index.search(query, request);
    assertThat(found.matches())
        .hasSize(k)
        .isSortedAccordingTo(Comparator.comparingDouble(FaceMatch::distance));
    assertThat(found.matches().stream().map(m -> m.face().id())).doesNotHaveDuplicates();
    // Whatever is found has the very distance that the exact search gives.
    for (FaceMatch match : found) {
      exact.stream()
          .filter(m -> m.face().equals(match.face()))
          .forEach(m -> assertThat(match.distance()).isEqualTo(m.distance()));
    }
    return exact.stream().filter(found.matches()::contains).count() / (double) k;
  }

  /** On other queries than those it was calibrated with, within four standard errors. */
  @ParameterizedTest
  @ValueSource(doubles = {0.8, 0.9, 0.95, 0.99})
  void reachesTheRecallThatIsAskedFor(double target) {
    for (TreeIndex index : indexes) {
      for (int k : new int[] {1, 4, 10, 50}) {
        double sum = 0;
        double squares = 0;
        for (int q = 0; q < QUERIES; q++) {
          double recall = recall(index, people.query(), Search.nearest(k).recall(target));
          sum += recall;
          squares += recall * recall;
        }
        double mean = sum / QUERIES;
        double error = Math.sqrt(Math.max(0, squares / QUERIES - mean * mean) / QUERIES);
        assertThat(mean).as("recall@%d", k).isGreaterThan(target - 4 * error - 0.005);
      }
    }
  }

  @Test
  void leavesOutMostOfTheWork() {
    for (TreeIndex index : indexes) {
      assertThat(index.calibration()).isNotEmpty();
      SearchResult result = index.search(people.query(), Search.nearest(10).recall(0.9));
      assertThat(result.plan()).isEqualTo(SearchPlan.APPROXIMATE);
      assertThat(result.leavesVisited()).isBetween(1, index.stats().leaves() / 2);
      assertThat(result.distancesComputed()).isBetween(10L, 1000L);
    }
  }

  @Test
  void moreLeavesFindMore() {
    for (TreeIndex index : indexes) {
      double[] shares = {0.02, 0.3, 0.9};
      double[] recall = new double[shares.length];
      for (int q = 0; q < 100; q++) {
        Embedding query = people.query();
        for (int i = 0; i < shares.length; i++) {
          recall[i] += recall(index, query, Search.nearest(10).leaves(shares[i])) / 100;
        }
      }
      assertThat(recall[0]).isLessThan(recall[2]);
      assertThat(recall[1]).isBetween(recall[0], recall[2] + 0.01);
      assertThat(recall[2]).isGreaterThan(0.98);
    }
  }

  @Test
  void exactWhereExactIsAskedForOrCheapest() {
    TreeIndex index = indexes.get(0);
    Embedding query = people.query();
    SearchResult exact = index.search(query, 10);
    assertThat(exact.plan()).isEqualTo(SearchPlan.CODES);
    for (Search request :
        List.of(
            Search.nearest(10).recall(1),
            Search.nearest(10).leaves(1),
            Search.nearest(10).recall(Math.nextDown(1)))) {
      assertThat(index.search(query, request)).isEqualTo(exact);
    }
    // No calibration speaks of so many faces.
    assertThat(index.search(query, Search.nearest(500).recall(0.9)).plan())
        .isEqualTo(SearchPlan.CODES);
    // Nor would it pay: the nearest so far are kept in order.
    assertThat(index.search(query, Search.nearest(1001).leaves(0.1)))
        .isEqualTo(index.search(query, 1001));
    TreeIndex without = TreeIndex.builder().approximate(false).build();
    without.addAll(photos);
    assertThat(without.calibration()).isEmpty();
    assertThat(without.search(query, Search.nearest(10).leaves(0.01)).matches())
        .isEqualTo(exact.matches());
    assertThat(without.stats().bytes()).isLessThan(index.stats().bytes());
  }

  /** The beam would be wider than the index: its cost grows with its square. */
  @Test
  void exactAsLongAsATreeHoldsMostlyRemovedFaces() {
    BoundKernel kernel = BoundKernelTest.kernels().get(0);
    TreeIndex index = TreeIndex.builder().codeUse(CodeUse.always(kernel)).rebuildShare(10).build();
    List<EmbeddedFace> some = photos.subList(0, 4500);
    index.addAll(some);
    Search request = Search.nearest(3).leaves(0.05);
    assertThat(index.search(photos.get(1).embedding(), request).plan())
        .isEqualTo(SearchPlan.APPROXIMATE);
    for (EmbeddedFace photo : some.subList(5, some.size())) {
      index.remove(photo.face().id());
    }
    SearchResult found = index.search(photos.get(1).embedding(), request);
    assertThat(found.plan()).isEqualTo(SearchPlan.CODES);
    assertThat(found.matches()).isEqualTo(index.search(photos.get(1).embedding(), 3).matches());
  }

  @Test
  void facesOfTheTailAreFound() {
    TreeIndex index = TreeIndex.builder().build();
    index.addAll(photos.subList(0, 8000));
    List<EmbeddedFace> later = photos.subList(8000, 8500);
    index.addAll(later);
    for (EmbeddedFace face : later) {
      SearchResult result = index.search(face.embedding(), Search.nearest(1).leaves(0.01));
      assertThat(result.plan()).isEqualTo(SearchPlan.APPROXIMATE);
      assertThat(result.matches().get(0).face()).isEqualTo(face.face());
    }
  }

  @ParameterizedTest
  @EnumSource(Metric.class)
  void duplicatesComeInOrderOfInsertion(Metric metric) {
    List<EmbeddedFace> faces = new ArrayList<>(photos.subList(0, 6000));
    Embedding same = people.query();
    for (int i = 0; i < 20; i++) {
      faces.add(300 * i, new EmbeddedFace(FaceRecord.of("same" + i), same));
    }
    TreeIndex index = TreeIndex.builder().metric(metric).build();
    index.addAll(faces);
    List<FaceMatch> matches = index.search(same, Search.nearest(10).leaves(0.1)).matches();
    assertThat(matches).extracting(m -> m.face().id()).allMatch(id -> id.startsWith("same"));
    assertThat(matches).extracting(m -> Integer.valueOf(m.face().id().substring(4))).isSorted();
    assertThat(matches.get(0).distance()).isLessThan(1e-7);
  }

  @Test
  void buildsTheSameTwice() {
    TreeIndex again =
        TreeIndex.builder().codeUse(CodeUse.always(BoundKernelTest.kernels().get(0))).build();
    again.addAll(photos);
    assertThat(again.calibration()).isEqualTo(indexes.get(0).calibration());
    for (int q = 0; q < 50; q++) {
      Embedding query = people.query();
      assertThat(again.search(query, Search.nearest(10).recall(0.9)))
          .isEqualTo(indexes.get(0).search(query, Search.nearest(10).recall(0.9)));
    }
  }

  @Test
  void manyThreadsGetTheAnswersOfOne() throws Exception {
    TreeIndex index = indexes.get(indexes.size() - 1);
    List<Embedding> queries = new ArrayList<>();
    List<SearchResult> expected = new ArrayList<>();
    for (int q = 0; q < 200; q++) {
      queries.add(people.query());
      expected.add(index.search(queries.get(q), Search.nearest(10).recall(0.95)));
    }
    ExecutorService threads = Executors.newFixedThreadPool(16);
    List<Future<?>> done = new ArrayList<>();
    for (int t = 0; t < 16; t++) {
      done.add(
          threads.submit(
              () -> {
                for (int q = 0; q < 200; q++) {
                  assertThat(index.search(queries.get(q), Search.nearest(10).recall(0.95)))
                      .isEqualTo(expected.get(q));
                }
              }));
    }
    for (Future<?> future : done) {
      future.get();
    }
    threads.shutdown();
  }

  /** The filter's answer is exact; what is excluded or too far is left out. */
  @Test
  void requestsMayBeCombined() {
    TreeIndex index = indexes.get(0);
    for (int q = 0; q < 30; q++) {
      Embedding query = people.query();
      Search near = Search.nearest(10).leaves(0.5);
      List<FaceMatch> found = index.search(query, near).matches();
      SearchResult without =
          index.search(query, near.excluding(List.of(found.get(0).face().id(), "nobody")));
      assertThat(without.plan()).isEqualTo(SearchPlan.APPROXIMATE);
      assertThat(without.matches()).hasSize(10).doesNotContain(found.get(0));
      double distance = found.get(4).distance();
      SearchResult within = index.search(query, near.atMost(distance));
      assertThat(within.plan()).isEqualTo(SearchPlan.APPROXIMATE);
      assertThat(within.matches()).isEqualTo(found.subList(0, within.matches().size()));
      assertThat(within.matches().size()).isBetween(5, 9);
      FaceFilter filter = FaceFilter.person("nobody").not();
      assertThat(index.search(query, near.where(filter)).matches())
          .isEqualTo(index.search(query, 10).matches());
      assertThat(index.search(query, Search.within(distance).recall(0.9)).matches())
          .isEqualTo(index.search(query, Search.within(distance)).matches());
    }
  }

  @Test
  void refusesAnotherModel() {
    Search request = Search.nearest(1).recall(0.9);
    assertThatThrownBy(() -> indexes.get(0).search(Embedding.of("other", 1, 2), request))
        .isInstanceOf(ModelMismatchException.class);
    assertThat(TreeIndex.builder().build().search(people.query(), request).matches()).isEmpty();
  }
}
