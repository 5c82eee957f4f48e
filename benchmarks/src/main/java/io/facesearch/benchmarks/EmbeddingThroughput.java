package io.facesearch.benchmarks;

import io.facesearch.Embedding;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import io.facesearch.dlib.DlibModel;
import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.ModelFileEmbedder;
import io.facesearch.embed.Preprocessing;
import io.facesearch.sface.SFaceEmbedder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
 * Embedding, from images in memory to vectors, preprocessing included: {@code java -jar
 * benchmarks/target/facesearch-benchmarks.jar EmbeddingThroughput}. One operation embeds one batch.
 * The networks have random weights: those do not change the time. {@code embedding_peers.py}
 * measures Python's PyTorch on the same networks.
 *
 * <p>The main method is another program: it embeds many images and prints the resident memory.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "-Xmx2g")
public class EmbeddingThroughput {
  private static final int SIZE = 218;

  @Param({"sface", "dlib", "mobilenet_v2", "resnet50"})
  private String model;

  @Param("cpu")
  private String device;

  @Param({"1", "4", "16"})
  private int batch;

  private FaceEmbedder embedder;
  private List<FaceImage> chips;

  @Setup
  public void open() throws IOException {
    embedder = open(model, ComputeDevice.parse(device), batch);
    chips = chips(embedder, batch);
  }

  @TearDown
  public void close() {
    embedder.close();
  }

  @Benchmark
  public List<Embedding> embed() {
    return embedder.embed(chips);
  }

  static FaceEmbedder open(String model, ComputeDevice device, int batch) throws IOException {
    if (model.equals("sface")) {
      return SFaceEmbedder.open();
    }
    if (model.equals("dlib")) {
      return DlibModel.builder().device(device).batchSize(batch).build();
    }
    Path file = Path.of(model);
    if (Files.exists(file)) {
      return ModelFileEmbedder.builder(file).device(device).batchSize(batch).build();
    }
    Backbone backbone = model.equals("resnet50") ? Backbone.RESNET50 : Backbone.MOBILENET_V2;
    file = Files.createTempFile("facesearch", ".safetensors");
    try (FaceNetwork network =
        FaceNetwork.create(new Architecture(backbone, 128, true), ComputeDevice.cpu())) {
      Checkpoint.of(network).preprocessing(Preprocessing.imageNet(SIZE, SIZE)).build().write(file);
      return ModelFileEmbedder.builder(file).device(device).batchSize(batch).build();
    } finally {
      Files.delete(file);
    }
  }

  static List<FaceImage> chips(FaceEmbedder embedder, int n) {
    Random random = new Random(1);
    int width = embedder.card().input().width();
    int height = embedder.card().input().height();
    List<FaceImage> chips = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      byte[] rgb = new byte[3 * width * height];
      random.nextBytes(rgb);
      chips.add(FaceImage.ofRgb(width, height, rgb));
    }
    return chips;
  }

  /** Arguments: model, number of images, batch. Prints the resident memory ten times. */
  public static void main(String[] args) throws IOException {
    int images = Integer.parseInt(args[1]);
    int batch = Integer.parseInt(args[2]);
    try (FaceEmbedder embedder = open(args[0], ComputeDevice.cpu(), batch)) {
      List<FaceImage> chips = chips(embedder, batch);
      int tenth = Math.max(1, images / 10);
      int next = 0;
      for (int done = 0; done <= images; ) {
        if (done >= next) {
          System.out.printf("%6d embedded, resident %d MiB%n", done, residentMiB());
          next += tenth;
        }
        // Of all sizes, as searches and folders come.
        List<FaceImage> some = chips.subList(0, 1 + done % batch);
        embedder.embed(some);
        done += some.size();
      }
    }
  }

  private static long residentMiB() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D+", "")) / 1024;
      }
    }
    return -1;
  }
}
