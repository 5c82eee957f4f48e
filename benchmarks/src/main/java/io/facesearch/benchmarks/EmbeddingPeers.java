package io.facesearch.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
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
 * API, all cores on each run, on the exported networks. {@code onnxRuntime} is the network alone;
 * {@code onnxRuntimeFromPixels} also makes its input of bytes, as {@code EmbeddingThroughput} does,
 * by a loop as it is found in tutorials.
 *
 * <p>The main method lets them take turns in one process, which tells small differences apart where
 * other programs use the machine, too.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "-Xmx2g")
public class EmbeddingPeers {
  private static final int SIZE = 218;
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] STD = {0.229f, 0.224f, 0.225f};

  @Param({"mobilenet_v2", "resnet50"})
  private String model;

  @Param({"1", "4", "16"})
  private int batch;

  private OrtSession session;
  private FloatBuffer values;
  private byte[][] pixels;
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
    values =
        ByteBuffer.allocateDirect(Float.BYTES * batch * 3 * SIZE * SIZE)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    Random random = new Random(1);
    pixels = new byte[batch][3 * SIZE * SIZE];
    for (byte[] image : pixels) {
      random.nextBytes(image);
    }
    preprocess();
    input = OnnxTensor.createTensor(environment, values, new long[] {batch, 3, SIZE, SIZE});
  }

  private void preprocess() {
    int plane = SIZE * SIZE;
    for (int n = 0; n < batch; n++) {
      byte[] image = pixels[n];
      for (int c = 0; c < 3; c++) {
        int at = (3 * n + c) * plane;
        for (int i = 0; i < plane; i++) {
          values.put(at + i, ((image[3 * i + c] & 0xff) / 255f - MEAN[c]) / STD[c]);
        }
      }
    }
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

  @Benchmark
  public float onnxRuntimeFromPixels() throws OrtException {
    preprocess();
    return onnxRuntime();
  }

  /** Arguments: model, batch. Prints medians, five times. */
  public static void main(String[] args) throws Exception {
    EmbeddingPeers peer = new EmbeddingPeers();
    peer.model = args[0];
    peer.batch = Integer.parseInt(args[1]);
    peer.open();
    try (FaceEmbedder embedder =
        EmbeddingThroughput.open(peer.model, ComputeDevice.cpu(), peer.batch)) {
      List<FaceImage> chips = EmbeddingThroughput.chips(embedder, peer.batch);
      for (int round = 0; round < 5; round++) {
        System.out.printf(
            "facesearch %.2f ms, ONNX Runtime from pixels %.2f ms, alone %.2f ms%n",
            median(() -> embedder.embed(chips)),
            median(peer::onnxRuntimeFromPixels),
            median(peer::onnxRuntime));
      }
    } finally {
      peer.close();
    }
  }

  /** Of two seconds, the first half of which is not counted: threads of the one before spin on. */
  private static double median(Callable<?> run) throws Exception {
    List<Double> times = new ArrayList<>();
    long begin = System.nanoTime();
    for (long now = begin; now - begin < 2_000_000_000L; ) {
      run.call();
      long end = System.nanoTime();
      if (now - begin > 1_000_000_000L) {
        times.add((end - now) / 1e6);
      }
      now = end;
    }
    Collections.sort(times);
    return times.get(times.size() / 2);
  }
}
