package io.facesearch.benchmarks;

import io.facesearch.DetectedFace;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * From image file to vector on one thread, step by step: {@code PhotoToVector FOLDER COUNT
 * [ROUNDS]} takes the first COUNT photos. Beside it {@code benchmarks/native/photo_to_vector.py}
 * does the same with OpenCV's FaceDetectorYN and FaceRecognizerSF.
 */
public final class PhotoToVector {
  private PhotoToVector() {}

  public static void main(String[] args) throws Exception {
    List<Path> photos;
    try (Stream<Path> files = Files.walk(Path.of(args[0]))) {
      photos =
          files
              .filter(file -> file.toString().endsWith(".jpg"))
              .sorted()
              .limit(Integer.parseInt(args[1]))
              .toList();
    }
    int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 3;
    try (FaceAnalyzer faces = FaceAnalyzer.open()) {
      for (int round = 0; round <= rounds; round++) {
        run(faces, photos, round == 0 ? "warm-up" : "round " + round);
      }
    }
  }

  /** Processor time of this thread, on which all of it runs; other work hardly bears on it. */
  private static long now() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static void run(FaceAnalyzer faces, List<Path> photos, String name) throws Exception {
    long decode = 0;
    long detect = 0;
    long align = 0;
    long embed = 0;
    int found = 0;
    for (Path photo : photos) {
      long a = now();
      FaceImage image = FaceImage.read(photo);
      long b = now();
      Optional<DetectedFace> face = faces.detectOne(image);
      long c = now();
      decode += b - a;
      detect += c - b;
      if (face.isPresent()) {
        FaceImage chip = faces.align(image, face.get());
        long d = now();
        faces.embedAligned(chip);
        embed += now() - d;
        align += d - c;
        found++;
      }
    }
    double n = 1e6 * photos.size();
    System.out.printf(
        "%-8s %d photos, %d with a face: decode %.2f, detect %.2f, align %.2f, embed %.2f ms;"
            + " together %.2f ms of processor time a photo%n",
        name,
        photos.size(),
        found,
        decode / n,
        detect / n,
        align / n,
        embed / n,
        (decode + detect + align + embed) / n);
  }
}
