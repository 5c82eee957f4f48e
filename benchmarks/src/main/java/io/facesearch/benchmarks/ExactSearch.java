package io.facesearch.benchmarks;

import io.facesearch.Embedding;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One search at a time: the tree exact, the tree at a recall of 0.99, and the flat scan. {@code
 * java -jar benchmarks/target/facesearch-benchmarks.jar ExactSearch -prof gc} tells the bytes
 * allocated a search; {@code -jvmArgsAppend -Dfacesearch.kernel=scalar} chooses the kernel.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsPrepend = "--add-modules=jdk.incubator.vector")
public class ExactSearch {
  @Param({"1", "10", "100", "1000"})
  private int k;

  private final SigmoidTreeIndex tree = SigmoidTreeIndex.builder().build();
  private final FlatIndex flat = new FlatIndex();

  private List<Embedding> queries;
  private int next;

  @Setup
  public void build(BenchmarkIndex data) throws IOException {
    tree.addAll(data.faces());
    flat.addAll(data.faces());
    queries = data.queries();
  }

  private Embedding query() {
    next = next + 1 == queries.size() ? 0 : next + 1;
    return queries.get(next);
  }

  @Benchmark
  public SearchResult exact() {
    return tree.search(query(), k);
  }

  @Benchmark
  public SearchResult recall99() {
    return tree.search(query(), Search.nearest(k).recall(0.99));
  }

  @Benchmark
  public SearchResult flat() {
    return flat.search(query(), k);
  }
}
