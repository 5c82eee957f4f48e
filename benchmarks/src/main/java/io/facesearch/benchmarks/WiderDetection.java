package io.facesearch.benchmarks;

import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Detection on photos with one annotated face each: {@code WiderDetection FOLDER [CHAIN...]}, where
 * the folder holds {@code boxes.csv} (file, x, y, width, height) and {@code images/}. A face is
 * found if a box has an intersection over union of at least 0.4 with it; every other box is false.
 */
public final class WiderDetection {
  private static final double OVERLAP = 0.4;

  private WiderDetection() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    List<String> rows = Files.readAllLines(folder.resolve("boxes.csv"));
    List<String> chains =
        args.length > 1 ? List.of(args).subList(1, args.length) : DetectionChains.NAMES;
    System.out.printf("%-30s %8s %18s %9s%n", "chain", "recall", "false boxes/photo", "ms/photo");
    for (String chain : chains) {
      Result result = evaluate(DetectionChains.open(chain), folder, rows.subList(1, rows.size()));
      System.out.printf(
          "%-30s %8.4f %18.3f %9.1f%n",
          chain, result.recall(), result.falseBoxes(), result.msPerPhoto());
    }
  }

  /** What one chain did; false boxes and thread time are per photo. */
  record Result(double recall, double falseBoxes, double msPerPhoto) {}

  static Result evaluate(FaceAnalyzer.Builder builder, Path folder, List<String> rows)
      throws Exception {
    LongAdder found = new LongAdder();
    LongAdder wrong = new LongAdder();
    LongAdder nanos = new LongAdder();
    try (FaceAnalyzer faces = builder.withoutLandmarks().build()) {
      Parallel.forEach(
          rows,
          row -> {
            String[] c = row.split(",", -1);
            BoundingBox truth =
                new BoundingBox(
                    Double.parseDouble(c[1]),
                    Double.parseDouble(c[2]),
                    Double.parseDouble(c[3]),
                    Double.parseDouble(c[4]));
            FaceImage image = FaceImage.read(folder.resolve("images").resolve(c[0]));
            long start = System.nanoTime();
            List<DetectedFace> detected = faces.detect(image);
            nanos.add(System.nanoTime() - start);
            boolean hit = detected.stream().anyMatch(f -> f.box().iou(truth) >= OVERLAP);
            found.add(hit ? 1 : 0);
            wrong.add(detected.size() - (hit ? 1 : 0));
          });
    }
    return new Result(
        found.doubleValue() / rows.size(),
        wrong.doubleValue() / rows.size(),
        nanos.sum() / 1e6 / rows.size());
  }
}
