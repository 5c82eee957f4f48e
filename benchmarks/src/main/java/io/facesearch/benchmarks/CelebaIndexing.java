package io.facesearch.benchmarks;

import io.facesearch.DetectedFace;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.Gallery;
import io.facesearch.IndexingReport;
import io.facesearch.PhotoSource;
import io.facesearch.train.CelebA;
import io.facesearch.train.FaceDataset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Indexes CelebA end to end: {@code CelebaIndexing FOLDER}. Prints photos per second, the time of
 * each stage, and resident memory on the way.
 */
public final class CelebaIndexing {
  private CelebaIndexing() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    FaceDataset celebA = CelebA.read(folder).dataset();
    Map<String, String> personOf = new HashMap<>();
    celebA
        .photos()
        .forEach(photo -> personOf.put(photo.file().getFileName().toString(), photo.identity()));
    try (Gallery faces = Gallery.builder().allFaces(false).open()) {
      stages(faces.analyzer(), celebA);
      AtomicInteger next = new AtomicInteger();
      IndexingReport report =
          faces.addAll(
              PhotoSource.folder(folder.resolve("img_align_celeba"))
                  .person(file -> Optional.ofNullable(personOf.get(file.toString()))),
              progress -> {
                if (progress.done() >= next.get()) {
                  System.out.printf(
                      "%6d of %d photos, resident %d MiB%n",
                      progress.done(), progress.total().orElse(-1), residentMib());
                  next.addAndGet(2500);
                }
                return true;
              });
      double seconds = report.elapsed().toMillis() / 1000.0;
      System.out.printf(
          "%d photos, %d with a face (%.2f %%), %d broken, %.1f s, %.1f photos/s%n",
          report.images(),
          report.faces(),
          100.0 * report.faces() / report.images(),
          report.broken().size(),
          seconds,
          report.images() / seconds);
    }
  }

  /** Time of each stage on one thread, over 500 photos, after a warm-up. */
  private static void stages(FaceAnalyzer faces, FaceDataset celebA) throws Exception {
    List<Path> photos = celebA.photos().stream().limit(600).map(FaceDataset.Photo::file).toList();
    long[] nanos = new long[4];
    int counted = 0;
    for (int i = 0; i < photos.size(); i++) {
      long t0 = System.nanoTime();
      FaceImage image = FaceImage.read(photos.get(i));
      long t1 = System.nanoTime();
      Optional<DetectedFace> face = faces.detectOne(image);
      long t2 = System.nanoTime();
      if (face.isEmpty()) {
        continue;
      }
      FaceImage chip = faces.align(image, face.get());
      long t3 = System.nanoTime();
      faces.embedAligned(chip);
      long t4 = System.nanoTime();
      if (i >= 100) {
        counted++;
        nanos[0] += t1 - t0;
        nanos[1] += t2 - t1;
        nanos[2] += t3 - t2;
        nanos[3] += t4 - t3;
      }
    }
    System.out.printf(
        "one thread, ms a photo: decode %.2f, detect and landmarks %.2f, align %.2f,"
            + " embed (batch of 1) %.2f%n",
        nanos[0] / 1e6 / counted,
        nanos[1] / 1e6 / counted,
        nanos[2] / 1e6 / counted,
        nanos[3] / 1e6 / counted);
  }

  private static long residentMib() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
          .findFirst()
          .orElse(-1);
    } catch (java.io.IOException e) {
      return -1;
    }
  }
}
