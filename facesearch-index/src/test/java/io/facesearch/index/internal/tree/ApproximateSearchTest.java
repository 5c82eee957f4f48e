package io.facesearch.index.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.Metric;
import io.facesearch.ModelMismatchException;
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

  private static double recall(TreeIndex index, Embedding query, int k, SearchBudget budget) {
    List<FaceMatch> exact = index.search(query, k).matches();
    SearchResult found = index.search(query, k, budget);
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
          double recall = recall(index, people.query(), k, SearchBudget.recall(target));
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
      SearchResult result = index.search(people.query(), 10, SearchBudget.recall(0.9));
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
          recall[i] += recall(index, query, 10, SearchBudget.leaves(shares[i])) / 100;
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
    for (SearchBudget budget :
        List.of(
            SearchBudget.EXACT,
            SearchBudget.recall(1),
            SearchBudget.leaves(1),
            SearchBudget.recall(Math.nextDown(1)))) {
      assertThat(index.search(query, 10, budget)).isEqualTo(exact);
    }
    // No calibration speaks of so many faces.
    assertThat(index.search(query, 500, SearchBudget.recall(0.9)).plan())
        .isEqualTo(SearchPlan.CODES);
    // Nor would it pay: the nearest so far are kept in order.
    assertThat(index.search(query, 1001, SearchBudget.leaves(0.1)))
        .isEqualTo(index.search(query, 1001));
    TreeIndex without = TreeIndex.builder().approximate(false).build();
    without.addAll(photos);
    assertThat(without.calibration()).isEmpty();
    assertThat(without.search(query, 10, SearchBudget.leaves(0.01)).matches())
        .isEqualTo(exact.matches());
    assertThat(without.stats().bytes()).isLessThan(index.stats().bytes());
  }

  @Test
  void facesOfTheTailAreFound() {
    TreeIndex index = TreeIndex.builder().build();
    index.addAll(photos.subList(0, 8000));
    List<EmbeddedFace> later = photos.subList(8000, 8500);
    index.addAll(later);
    for (EmbeddedFace face : later) {
      SearchResult result = index.search(face.embedding(), 1, SearchBudget.leaves(0.01));
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
    List<FaceMatch> matches = index.search(same, 10, SearchBudget.leaves(0.1)).matches();
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
      assertThat(again.search(query, 10, SearchBudget.recall(0.9)))
          .isEqualTo(indexes.get(0).search(query, 10, SearchBudget.recall(0.9)));
    }
  }

  @Test
  void manyThreadsGetTheAnswersOfOne() throws Exception {
    TreeIndex index = indexes.get(indexes.size() - 1);
    List<Embedding> queries = new ArrayList<>();
    List<SearchResult> expected = new ArrayList<>();
    for (int q = 0; q < 200; q++) {
      queries.add(people.query());
      expected.add(index.search(queries.get(q), 10, SearchBudget.recall(0.95)));
    }
    ExecutorService threads = Executors.newFixedThreadPool(16);
    List<Future<?>> done = new ArrayList<>();
    for (int t = 0; t < 16; t++) {
      done.add(
          threads.submit(
              () -> {
                for (int q = 0; q < 200; q++) {
                  assertThat(index.search(queries.get(q), 10, SearchBudget.recall(0.95)))
                      .isEqualTo(expected.get(q));
                }
              }));
    }
    for (Future<?> future : done) {
      future.get();
    }
    threads.shutdown();
  }

  @Test
  void refusesWhatMakesNoSense() {
    for (double wrong : new double[] {0, -1, 1.01, Double.NaN}) {
      assertThatThrownBy(() -> SearchBudget.recall(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("recall must be above 0 and at most 1, but is: " + wrong);
      assertThatThrownBy(() -> SearchBudget.leaves(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("share of leaves");
    }
    SearchBudget budget = SearchBudget.recall(0.9);
    assertThat(budget).hasToString("SearchBudget[recall 0.9]");
    assertThatThrownBy(() -> indexes.get(0).search(people.query(), 0, budget))
        .hasMessage("k must be at least 1, but is: 0");
    assertThatThrownBy(() -> indexes.get(0).search(Embedding.of("other", 1, 2), 1, budget))
        .isInstanceOf(ModelMismatchException.class);
    assertThat(TreeIndex.builder().build().search(people.query(), 3, budget).matches()).isEmpty();
  }
}
