package io.facesearch.benchmarks;

import io.facesearch.FaceImage;
import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.Preprocessing;
import io.facesearch.train.Augmentation;
import io.facesearch.train.LabeledImages;
import io.facesearch.train.OptimizerSettings;
import io.facesearch.train.TrainingRun;
import io.facesearch.train.TripletLoss;
import io.facesearch.train.TripletTraining;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Milliseconds of a training step, with and without the cached trunk, against Python's PyTorch on
 * the same work, in turns: MobileNet-V2, 12 images of 224x224 as 4 random triplets, the last ten
 * layers and the head learn, AdamW.
 *
 * <pre>TrainingStep training_step.py [THREADS [STEPS [ROUNDS]]]</pre>
 */
public final class TrainingStep {
  private static final int SIZE = 224;
  private static final int WARM_UP = 5;

  private TrainingStep() {}

  /** Random pixels, made once. */
  private record Noise(FaceImage[] all) implements LabeledImages {
    static Noise of(int n) {
      Random random = new Random(1);
      FaceImage[] all = new FaceImage[n];
      for (int i = 0; i < n; i++) {
        byte[] rgb = new byte[3 * SIZE * SIZE];
        random.nextBytes(rgb);
        all[i] = FaceImage.ofRgb(SIZE, SIZE, rgb);
      }
      return new Noise(all);
    }

    @Override
    public int size() {
      return all.length;
    }

    @Override
    public String name(int i) {
      return "noise " + i;
    }

    @Override
    public String identity(int i) {
      return "person " + i / 2;
    }

    @Override
    public FaceImage image(int i) {
      return all[i];
    }
  }

  public static void main(String[] args) throws Exception {
    int threads = args.length > 1 ? Integer.parseInt(args[1]) : 2;
    int steps = args.length > 2 ? Integer.parseInt(args[2]) : 30;
    int rounds = args.length > 3 ? Integer.parseInt(args[3]) : 3;
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    Noise images = Noise.of(24);
    Path cache = Files.createTempFile("facesearch", ".trunk");
    System.out.println("round, trunk or cached, facesearch ms, Python ms, ratio");
    try {
      for (int round = 1; round <= rounds; round++) {
        Map<String, Double> python = python(args[0], threads, steps);
        for (String kind : new String[] {"trunk", "cached"}) {
          double ms = steps(images, kind.equals("cached") ? cache : null, steps);
          System.out.printf(
              Locale.ROOT,
              "%d, %s, %.1f, %.1f, %.2f%n",
              round,
              kind,
              ms,
              python.get(kind),
              ms / python.getOrDefault(kind, Double.NaN));
        }
      }
    } finally {
      Files.deleteIfExists(cache);
    }
  }

  private static double steps(Noise images, @Nullable Path cache, int steps)
      throws IOException, InterruptedException {
    try (FaceNetwork network =
        FaceNetwork.create(
            new Architecture(Backbone.MOBILENET_V2, 128, false), ComputeDevice.cpu())) {
      TrainingRun.Builder run =
          TripletTraining.random(
                  network,
                  Preprocessing.imageNet(SIZE, SIZE),
                  images,
                  new TripletLoss(0.2, true, TripletLoss.Mining.RANDOM),
                  4)
              .augmentation(Augmentation.NONE)
              .optimizer(
                  new OptimizerSettings(OptimizerSettings.Kind.ADAMW, 1e-4, 0.01, 0.9, 100, 5, 1))
              .workers(1)
              .steps(WARM_UP + steps);
      if (cache != null) {
        run.trunkCache(cache, 1);
      }
      double[] ms =
          run.build().run().reports().stream()
              .skip(WARM_UP)
              .mapToDouble(r -> 12_000 / r.imagesPerSecond())
              .sorted()
              .toArray();
      return (ms[(ms.length - 1) / 2] + ms[ms.length / 2]) / 2;
    }
  }

  private static Map<String, Double> python(String script, int threads, int steps)
      throws IOException {
    Process process =
        new ProcessBuilder(
                "/usr/bin/python3", script, Integer.toString(threads), Integer.toString(steps))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Map<String, Double> result = new HashMap<>();
    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .forEach(
            line -> {
              String[] words = line.split(" ", -1);
              result.put(words[0], Double.parseDouble(words[1]));
            });
    if (result.size() != 2) {
      throw new IOException(script + " did not run; it needs Debian's python3-torchvision");
    }
    return result;
  }
}
