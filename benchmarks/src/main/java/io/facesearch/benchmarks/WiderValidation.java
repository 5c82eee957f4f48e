package io.facesearch.benchmarks;

import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Detection on photos with all their faces: {@code WiderValidation FOLDER [CHAIN...]}, where the
 * folder holds WIDER FACE's {@code wider_face_val_bbx_gt.txt} and {@code images/}. Recall by the
 * shorter side of the face, false boxes a photo, average precision of what the chain gives, and
 * time of one core. A box is right if its intersection over union with a face is at least 0.5, as
 * WIDER FACE counts; faces marked invalid are neither missed nor false.
 */
public final class WiderValidation {
  private static final double OVERLAP = 0.5;
  private static final int[] SIZES = {0, 16, 24, 32, 50, 80, 150, Integer.MAX_VALUE};

  private WiderValidation() {}

  private record Face(BoundingBox box, boolean invalid) {}

  private record Photo(String file, List<Face> faces) {}

  /** One box of a chain: right, false, or on a face that does not count. */
  private record Scored(double score, boolean right) {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    List<Photo> photos = read(folder.resolve("wider_face_val_bbx_gt.txt"));
    List<String> chains =
        args.length > 1 ? List.of(args).subList(1, args.length) : DetectionChains.NAMES;
    System.out.printf(
        "%d photos, %d faces%n%-22s",
        photos.size(), photos.stream().mapToInt(p -> counted(p).size()).sum(), "chain");
    for (int s = 0; s < SIZES.length - 1; s++) {
      System.out.printf("%8s", s == SIZES.length - 2 ? ">=" + SIZES[s] : "<" + SIZES[s + 1]);
    }
    System.out.printf("%8s%8s%8s%8s%8s%10s%n", ">=50", "all", "false", "AP", "AP>=16", "cpu ms");
    for (String chain : chains) {
      run(chain, folder, photos);
    }
  }

  private static List<Face> counted(Photo photo) {
    return photo.faces().stream().filter(face -> !face.invalid()).toList();
  }

  private static List<Photo> read(Path file) throws Exception {
    List<Photo> photos = new ArrayList<>();
    Iterator<String> lines = Files.readAllLines(file).iterator();
    while (lines.hasNext()) {
      String name = lines.next().trim();
      int count = Integer.parseInt(lines.next().trim());
      List<Face> faces = new ArrayList<>();
      // A photo without faces has one row of zeros.
      for (int i = 0; i < Math.max(1, count); i++) {
        String[] c = lines.next().trim().split(" +", -1);
        double w = Double.parseDouble(c[2]);
        double h = Double.parseDouble(c[3]);
        if (w > 0 && h > 0) {
          faces.add(
              new Face(
                  new BoundingBox(Double.parseDouble(c[0]), Double.parseDouble(c[1]), w, h),
                  c[7].equals("1")));
        }
      }
      photos.add(new Photo(name, faces));
    }
    return photos;
  }

  private static void run(String chain, Path folder, List<Photo> photos) throws Exception {
    ConcurrentHashMap<Photo, List<DetectedFace>> found = new ConcurrentHashMap<>();
    LongAdder nanos = new LongAdder();
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    try (FaceAnalyzer faces = DetectionChains.open(chain).withoutLandmarks().build()) {
      Parallel.forEach(
          photos,
          photo -> {
            FaceImage image = FaceImage.read(folder.resolve("images").resolve(photo.file()));
            long start = threads.getCurrentThreadCpuTime();
            found.put(photo, faces.detect(image));
            nanos.add(threads.getCurrentThreadCpuTime() - start);
          });
    }
    int[] all = new int[SIZES.length];
    int[] hit = new int[SIZES.length];
    List<Scored> scored = new ArrayList<>();
    List<Scored> larger = new ArrayList<>();
    for (Photo photo : photos) {
      match(photo, found.getOrDefault(photo, List.of()), 0, all, hit, scored);
      match(
          photo,
          found.getOrDefault(photo, List.of()),
          16,
          new int[SIZES.length],
          new int[SIZES.length],
          larger);
    }
    System.out.printf("%-22s", chain);
    for (int s = 0; s < SIZES.length - 1; s++) {
      System.out.printf(Locale.ROOT, "%8.3f", (double) hit[s] / all[s]);
    }
    System.out.printf(
        Locale.ROOT,
        "%8.3f%8.3f%8.3f%8.3f%8.3f%10.1f%n",
        sum(hit, 4) / sum(all, 4),
        sum(hit, 0) / sum(all, 0),
        (double) scored.stream().filter(s -> !s.right()).count() / photos.size(),
        averagePrecision(scored, sum(all, 0)),
        averagePrecision(larger, sum(all, 1)),
        nanos.sum() / 1e6 / photos.size());
  }

  private static double sum(int[] counts, int from) {
    int sum = 0;
    for (int s = from; s < counts.length; s++) {
      sum += counts[s];
    }
    return sum;
  }

  /** Surest box first, each takes the free face it overlaps most. */
  private static void match(
      Photo photo,
      List<DetectedFace> boxes,
      int smallest,
      int[] all,
      int[] hit,
      List<Scored> scored) {
    boolean[] taken = new boolean[photo.faces().size()];
    for (Face face : photo.faces()) {
      if (!face.invalid()) {
        all[size(face.box())]++;
      }
    }
    for (DetectedFace box : boxes) {
      int best = -1;
      double most = OVERLAP;
      for (int i = 0; i < taken.length; i++) {
        double overlap = photo.faces().get(i).box().iou(box.box());
        if (!taken[i] && overlap >= most) {
          most = overlap;
          best = i;
        }
      }
      if (best < 0) {
        scored.add(new Scored(box.score(), false));
        continue;
      }
      taken[best] = true;
      Face face = photo.faces().get(best);
      if (!face.invalid() && Math.min(face.box().width(), face.box().height()) >= smallest) {
        hit[size(face.box())]++;
        scored.add(new Scored(box.score(), true));
      }
    }
  }

  private static int size(BoundingBox box) {
    double side = Math.min(box.width(), box.height());
    int s = 0;
    while (side >= SIZES[s + 1]) {
      s++;
    }
    return s;
  }

  /** Area below the curve of the highest precision at each recall. */
  private static double averagePrecision(List<Scored> boxes, double faces) {
    List<Scored> sorted = new ArrayList<>(boxes);
    sorted.sort(Comparator.comparingDouble(Scored::score).reversed());
    double[] precision = new double[sorted.size()];
    int right = 0;
    for (int i = 0; i < precision.length; i++) {
      right += sorted.get(i).right() ? 1 : 0;
      precision[i] = right / (i + 1.0);
    }
    double area = 0;
    double best = 0;
    for (int i = precision.length - 1; i >= 0; i--) {
      best = Math.max(best, precision[i]);
      area += sorted.get(i).right() ? best / faces : 0;
    }
    return area;
  }
}
