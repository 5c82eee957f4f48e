package io.facesearch.benchmarks;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceImage;
import io.facesearch.FaceRecord;
import io.facesearch.Search;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Processor time of what facesearch does most, as a ratio to a peer that does the same beside it in
 * turns, so that neither the machine nor its load decides: {@code guard.sh} compares commits by
 * them. The least of some rounds counts. In one file, with little of the API, so that it runs with
 * older releases. The argument: a photo in JPEG.
 */
public final class SpeedRatios {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int FACES = 10_000;
  private static final int DIMENSION = 128;
  private static final int ROUNDS = 25;

  /** What is computed, so that nothing is computed in vain. */
  private static double sink;

  private SpeedRatios() {}

  private interface Work {
    double run() throws IOException;
  }

  /**
   * Prints a line for each: its name and the ratio.
   *
   * @param args see the class comment
   * @throws IOException if the photo cannot be read
   */
  public static void main(String[] args) throws IOException {
    float[][] rows = vectors(FACES, 1);
    float[][] probes = vectors(50, 2);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < rows.length; i++) {
      faces.add(new EmbeddedFace(FaceRecord.of("f" + i), Embedding.of("m", rows[i])));
    }
    FlatIndex flat = new FlatIndex();
    flat.addAll(faces);
    SigmoidTreeIndex tree = SigmoidTreeIndex.builder().approximate(false).build();
    tree.addAll(faces);
    List<Embedding> queries = Arrays.stream(probes).map(p -> Embedding.of("m", p)).toList();
    byte[] photo = Files.readAllBytes(Path.of(args[0]));
    Work loop = () -> loop(rows, probes);
    Map<String, Work[]> pairs = new TreeMap<>();
    pairs.put("flat-search:plain-loop", new Work[] {() -> each(flat, queries), loop});
    pairs.put("exact-search:plain-loop", new Work[] {() -> each(tree, queries), loop});
    pairs.put(
        "exact-batch:plain-loop",
        new Work[] {() -> tree.searchAll(queries, Search.nearest(10)).size(), loop});
    pairs.put(
        "tree-build:plain-loop",
        new Work[] {
          () -> {
            try (SigmoidTreeIndex built = SigmoidTreeIndex.builder().approximate(false).build()) {
              built.addAll(faces.subList(0, 3000));
              return built.size();
            }
          },
          loop
        });
    // ImageIO is no peer here: it is compiled in one of two ways, of which one takes half as long
    // again.
    pairs.put(
        "jpeg:plain-loop",
        new Work[] {
          () -> {
            double sum = 0;
            for (int i = 0; i < 50; i++) {
              sum += FaceImage.read(new ByteArrayInputStream(photo)).rgb(0, 0);
            }
            return sum;
          },
          loop
        });
    for (Map.Entry<String, Work[]> pair : pairs.entrySet()) {
      double[] least = {Double.MAX_VALUE, Double.MAX_VALUE};
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < 2; i++) {
          long start = THREADS.getCurrentThreadCpuTime();
          sink += pair.getValue()[i].run();
          least[i] = Math.min(least[i], THREADS.getCurrentThreadCpuTime() - start);
        }
      }
      System.out.printf(Locale.ROOT, "%s %.4f%n", pair.getKey(), least[0] / least[1]);
    }
    if (Double.isNaN(sink)) {
      throw new AssertionError();
    }
  }

  private static double each(io.facesearch.FaceIndex index, List<Embedding> queries) {
    double sum = 0;
    for (Embedding query : queries) {
      sum += index.search(query, 10).matches().get(0).distance();
    }
    return sum;
  }

  /** The peer: what anybody would write, the nearest by squared distance. */
  private static double loop(float[][] rows, float[][] probes) {
    double sum = 0;
    for (float[] probe : probes) {
      float nearest = Float.MAX_VALUE;
      for (float[] row : rows) {
        float squared = 0;
        for (int i = 0; i < probe.length; i++) {
          float difference = row[i] - probe[i];
          squared += difference * difference;
        }
        nearest = Math.min(nearest, squared);
      }
      sum += nearest;
    }
    return sum;
  }

  /** Unit vectors around 2,000 people. */
  private static float[][] vectors(int count, long seed) {
    Random people = new Random(7);
    float[][] centers = new float[2000][DIMENSION];
    for (float[] center : centers) {
      for (int i = 0; i < DIMENSION; i++) {
        center[i] = (float) people.nextGaussian();
      }
    }
    Random random = new Random(seed);
    float[][] made = new float[count][DIMENSION];
    for (int n = 0; n < count; n++) {
      double square = 0;
      float[] center = centers[random.nextInt(centers.length)];
      for (int i = 0; i < DIMENSION; i++) {
        made[n][i] = center[i] + 0.7f * (float) random.nextGaussian();
        square += made[n][i] * made[n][i];
      }
      float scale = (float) (1 / Math.sqrt(square));
      for (int i = 0; i < DIMENSION; i++) {
        made[n][i] *= scale;
      }
    }
    return made;
  }
}
