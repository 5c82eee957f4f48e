package io.facesearch.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What {@link EmbeddingThroughput} is compared with in the same run: ONNX Runtime through its own
 * API with its own defaults (all cores on each run), on the exported networks, without
 * preprocessing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "-Xmx2g")
public class EmbeddingPeers {
  private static final int SIZE = 218;

  @Param({"mobilenet_v2", "resnet50"})
  private String model;

  @Param({"1", "4", "16"})
  private int batch;

  private OrtSession session;
  private OnnxTensor input;

  @Setup
  public void open() throws IOException, OrtException {
    Backbone backbone = model.equals("resnet50") ? Backbone.RESNET50 : Backbone.MOBILENET_V2;
    Path file = Files.createTempFile("facesearch", ".onnx");
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (FaceNetwork network =
        FaceNetwork.create(new Architecture(backbone, 128, true), ComputeDevice.cpu())) {
      Checkpoint.of(network).build().exportOnnx(file);
      OrtSession.SessionOptions options = new OrtSession.SessionOptions();
      options.setIntraOpNumThreads(Runtime.getRuntime().availableProcessors());
      session = environment.createSession(file.toString(), options);
    } finally {
      Files.delete(file);
    }
    FloatBuffer values =
        ByteBuffer.allocateDirect(Float.BYTES * batch * 3 * SIZE * SIZE)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    Random random = new Random(1);
    for (int i = 0; i < values.capacity(); i++) {
      values.put(i, (float) random.nextGaussian());
    }
    input = OnnxTensor.createTensor(environment, values, new long[] {batch, 3, SIZE, SIZE});
  }

  @TearDown
  public void close() throws OrtException {
    input.close();
    session.close();
  }

  @Benchmark
  public float onnxRuntime() throws OrtException {
    try (OrtSession.Result result = session.run(Map.of("input", input))) {
      return ((float[][]) result.get(0).getValue())[0][0];
    }
  }
}
