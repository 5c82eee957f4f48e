package io.facesearch.benchmarks;

import io.facesearch.EmbeddedFace;
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

/** Builds the index over all faces at once, on all cores, each time from nothing. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3)
@Measurement(iterations = 5)
@Fork(value = 1, jvmArgsPrepend = "--add-modules=jdk.incubator.vector")
public class IndexBuild {
  /** Whether the index can search approximately too. */
  @Param({"false", "true"})
  private boolean approximate;

  private List<EmbeddedFace> faces;

  @Setup
  public void prepare(BenchmarkIndex data) throws IOException {
    faces = data.faces();
  }

  @Benchmark
  public SigmoidTreeIndex addAll() {
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().approximate(approximate).build();
    index.addAll(faces);
    return index;
  }
}
