package io.facesearch.index.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.Metric;
import io.facesearch.Search;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.internal.quantize.BoundKernelTest;
import io.facesearch.index.internal.quantize.Packing;
import io.facesearch.index.internal.quantize.PlainKernel;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several threads for one query: the answers of one, bit for bit. */
class SharedScanTest {
  private static List<EmbeddedFace> faces(
      int count, int dimension, TreeEqualsFlatTest.Kind kind, Random random) {
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      EmbeddedFace face = TreeEqualsFlatTest.face("f" + i, kind, dimension, random);
      faces.add(new EmbeddedFace(face.face().withTag("third", i % 3), face.embedding()));
    }
    return faces;
  }

  private static TreeIndex.Builder builder(int threads) {
    return TreeIndex.builder()
        .approximate(false)
        .leastToShare(1)
        .searchThreads(threads)
        .searchExecutor(task -> new Thread(task).start());
  }

  @Property(tries = 60)
  void sameFacesSameOrderSameDistances(@ForAll TreeEqualsFlatTest.Kind kind, @ForAll long seed) {
    Random random = new Random(seed);
    int dimension = random.nextBoolean() ? 1 + random.nextInt(20) : 60 + random.nextInt(100);
    int count = random.nextInt(4) == 0 ? 1 + random.nextInt(500) : 4000 + random.nextInt(9000);
    Metric metric = random.nextInt(4) == 0 ? Metric.COSINE : Metric.EUCLIDEAN;
    FlatIndex flat = new FlatIndex(metric);
    TreeIndex index =
        builder(2 + random.nextInt(4))
            .metric(metric)
            .codeUse(BoundKernelTest.anyCodeUse(random))
            .build();
    List<EmbeddedFace> faces = faces(count, dimension, kind, random);
    for (FaceIndex some : List.of(flat, index)) {
      some.addAll(faces);
      for (int i = 0; i < count; i += 17) {
        some.remove("f" + i);
      }
    }
    FaceFilter filter = FaceFilter.tagBetween("third", 1, 2);
    for (int q = 0; q < 3; q++) {
      Embedding query =
          q == 0
              ? faces.get(random.nextInt(count)).embedding()
              : TreeEqualsFlatTest.face("q", kind, dimension, random).embedding();
      for (int k : new int[] {1, 10, 1 + random.nextInt(200)}) {
        assertThat(index.search(query, k).matches()).isEqualTo(flat.search(query, k).matches());
        assertThat(index.search(query, Search.nearest(k).where(filter)).matches())
            .isEqualTo(flat.search(query, Search.nearest(k).where(filter)).matches());
      }
      var some = flat.search(query, 1 + random.nextInt(300)).matches();
      if (!some.isEmpty()) {
        double radius = some.get(some.size() - 1).distance();
        assertThat(index.search(query, Search.within(radius)).matches())
            .isEqualTo(flat.search(query, Search.within(radius)).matches());
      }
    }
  }

  private static final int COUNT = 20_000;

  private static FlatIndex flat;

  private static FlatIndex flat() {
    if (flat == null) {
      flat = new FlatIndex();
      flat.addAll(faces(COUNT, 64, TreeEqualsFlatTest.Kind.UNIT, new Random(1)));
    }
    return flat;
  }

  private static TreeIndex filled(TreeIndex.Builder builder) {
    CodeUse codes = CodeUse.whole(PlainKernel.INSTANCE, Packing.EIGHT_BITS);
    TreeIndex index = builder.codeUse(codes).build();
    index.addAll(flat().faces());
    return index;
  }

  private static void compare(TreeIndex index, Random random) {
    Embedding query =
        TreeEqualsFlatTest.face("q", TreeEqualsFlatTest.Kind.UNIT, 64, random).embedding();
    assertThat(index.search(query, 10).matches()).isEqualTo(flat().search(query, 10).matches());
  }

  /** Many callers, some of them interrupted, on the threads that all indexes share. */
  @Test
  @Timeout(60)
  void manyCallersAtTheSameTime() throws Exception {
    TreeIndex index =
        filled(TreeIndex.builder().approximate(false).leastToShare(1).searchThreads(3));
    ExecutorService callers = Executors.newFixedThreadPool(8);
    List<Future<?>> results = new ArrayList<>();
    for (int caller = 0; caller < 8; caller++) {
      Random random = new Random(caller);
      boolean interrupt = caller % 2 == 1;
      results.add(
          callers.submit(
              () -> {
                for (int i = 0; i < 50; i++) {
                  if (interrupt) {
                    Thread.currentThread().interrupt();
                  }
                  compare(index, random);
                  assertThat(Thread.interrupted()).isEqualTo(interrupt);
                }
              }));
    }
    callers.shutdown();
    for (Future<?> result : results) {
      result.get(50, TimeUnit.SECONDS);
    }
  }

  @Test
  void anExecutorThatRefusesLeavesTheWorkToTheCaller() {
    AtomicInteger asked = new AtomicInteger();
    TreeIndex index =
        filled(
            builder(4)
                .searchExecutor(
                    task -> {
                      asked.incrementAndGet();
                      throw new RejectedExecutionException("none is free");
                    }));
    compare(index, new Random(1));
    assertThat(asked.get()).isEqualTo(1);
  }

  /** As an executor does that starts a thread where there can be no more. */
  @Test
  void whereNoThreadIsToBeHadTheCallerDoesTheWork() {
    TreeIndex index =
        filled(
            builder(4)
                .searchExecutor(
                    task -> {
                      throw new OutOfMemoryError("unable to create native thread");
                    }));
    compare(index, new Random(1));
  }

  @Test
  void anExecutorThatFailsIsTold() {
    TreeIndex index =
        filled(
            builder(4)
                .searchExecutor(
                    task -> {
                      throw new IllegalStateException("broken");
                    }));
    assertThatThrownBy(() -> compare(index, new Random(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("broken");
  }

  /** Tasks that run when the answer is long given, in the thread of the caller, or twice. */
  @Test
  void tasksMayRunWheneverTheyLike() {
    Queue<Runnable> late = new ConcurrentLinkedQueue<>();
    Executor never = late::add;
    TreeIndex alone = filled(builder(3).searchExecutor(never));
    Random random = new Random(2);
    for (int i = 0; i < 5; i++) {
      compare(alone, random);
    }
    assertThat(late).hasSize(10);
    late.forEach(Runnable::run);
    compare(alone, random);
    TreeIndex inCaller = filled(builder(3).searchExecutor(Runnable::run));
    TreeIndex twice =
        filled(
            builder(3)
                .searchExecutor(
                    task -> {
                      new Thread(task).start();
                      task.run();
                    }));
    for (int i = 0; i < 5; i++) {
      compare(inCaller, random);
      compare(twice, random);
    }
  }

  /** A search on the only thread of the executor that shall help it. */
  @Test
  @Timeout(60)
  void theExecutorMaySearchToo() throws Exception {
    ExecutorService one = Executors.newFixedThreadPool(1);
    TreeIndex index = filled(builder(2).searchExecutor(one));
    one.submit(() -> compare(index, new Random(3))).get();
    one.shutdown();
    compare(index, new Random(4)); // refused now
  }

  @Test
  void theSettingsAreChecked() {
    assertThatThrownBy(() -> TreeIndex.builder().searchThreads(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("searchThreads must be between 1 and 256, but is: 0");
    assertThatThrownBy(() -> TreeIndex.builder().searchThreads(257))
        .hasMessage("searchThreads must be between 1 and 256, but is: 257");
    assertThatThrownBy(() -> TreeIndex.builder().searchExecutor(null))
        .isInstanceOf(NullPointerException.class);
  }

  @Test
  void fewFacesAreSearchedByOneThread() {
    AtomicInteger asked = new AtomicInteger();
    TreeIndex index =
        filled(
            builder(2)
                .leastToShare(COUNT + 1)
                .searchExecutor(
                    task -> {
                      asked.incrementAndGet();
                      task.run();
                    }));
    compare(index, new Random(5));
    assertThat(asked.get()).isZero();
    assertThat(index.get("f0")).map(EmbeddedFace::face).map(FaceRecord::id).contains("f0");
  }
}
