package io.facesearch.benchmarks;

import io.facesearch.Embedding;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** {@link SigmoidTreeIndex#searchAll} with 2,000 queries, in time a query. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsPrepend = "--add-modules=jdk.incubator.vector")
public class BatchSearch {
  @Param({"1", "10", "100", "1000"})
  private int k;

  private final SigmoidTreeIndex tree = SigmoidTreeIndex.builder().approximate(false).build();
  private List<Embedding> queries;

  @Setup
  public void build(BenchmarkIndex data) throws IOException {
    tree.addAll(data.faces());
    queries = data.queries();
  }

  @Benchmark
  @OperationsPerInvocation(PeerData.BATCH)
  public List<SearchResult> searchAll() {
    return tree.searchAll(queries, Search.nearest(k));
  }
}
