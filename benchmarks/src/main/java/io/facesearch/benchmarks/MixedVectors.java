package io.facesearch.benchmarks;

import io.facesearch.DetectedFace;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceChoice;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import io.facesearch.eval.LfwPairs;
import io.facesearch.eval.VerificationEvaluation;
import io.facesearch.eval.VerificationEvaluation.Outcome;
import io.facesearch.sface.SFaceEmbedder;
import io.facesearch.sfacefloat.SFaceFloatModel;
import io.facesearch.train.CelebA;
import io.facesearch.train.FaceDataset;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/**
 * SFace's vectors in int8 and in float, and what becomes of a gallery in one and queries in the
 * other: {@code MixedVectors PAIRS LFW_IMAGES CELEBA PEOPLE}. Of CelebA's people one photo each is
 * the query, the others are the gallery.
 */
public final class MixedVectors {
  private static final double THRESHOLD = 1.116;
  private static final List<String> WAYS = List.of("int8, int8", "float, float", "int8, float");

  private MixedVectors() {}

  /** Of one chip by both networks. */
  private record Both(float[] int8, float[] full) {
    float[] first(String way) {
      return way.startsWith("int8") ? int8 : full;
    }

    float[] second(String way) {
      return way.endsWith("int8") ? int8 : full;
    }
  }

  public static void main(String[] args) throws Exception {
    try (FaceAnalyzer faces = FaceAnalyzer.builder().choice(FaceChoice.MOST_CENTRAL).build();
        FaceEmbedder int8 = SFaceEmbedder.builder().threads(1).build();
        FaceEmbedder full = SFaceFloatModel.builder().threads(1).build()) {
      lfw(faces, int8, full, LfwPairs.read(Path.of(args[0]), Path.of(args[1])));
      celebA(faces, int8, full, CelebA.read(Path.of(args[2])).dataset(), Integer.parseInt(args[3]));
    }
  }

  private static Map<Path, Both> embed(
      FaceAnalyzer faces, FaceEmbedder int8, FaceEmbedder full, Set<Path> photos) throws Exception {
    Map<Path, Both> vectors = new ConcurrentHashMap<>();
    LongAdder[] nanos = {new LongAdder(), new LongAdder()};
    Parallel.forEach(
        new ArrayList<>(photos),
        photo -> {
          FaceImage image = FaceImage.read(photo);
          Optional<DetectedFace> face = faces.detectOne(image);
          if (face.isPresent()) {
            List<FaceImage> chip = List.of(faces.align(image, face.get()));
            long start = cpuNanos();
            float[] small = int8.embed(chip).get(0).toArray();
            long between = cpuNanos();
            vectors.put(photo, new Both(small, full.embed(chip).get(0).toArray()));
            nanos[0].add(between - start);
            nanos[1].add(cpuNanos() - between);
          }
        });
    double[] cosines =
        vectors.values().stream()
            .mapToDouble(both -> 1 - squared(both.int8(), both.full()) / 2)
            .sorted()
            .toArray();
    System.out.printf(
        "%d photos; cosine of int8 and float: mean %.4f, 1 %% below %.4f, least %.4f;"
            + " %.1f and %.1f ms of processor time a face%n",
        cosines.length,
        IntStream.range(0, cosines.length).mapToDouble(i -> cosines[i]).average().orElse(0),
        cosines[cosines.length / 100],
        cosines[0],
        nanos[0].sum() / 1e6 / cosines.length,
        nanos[1].sum() / 1e6 / cosines.length);
    return vectors;
  }

  /** Of this thread, on which an embedder of one thread works. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static double squared(float[] a, float[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += (double) (a[d] - b[d]) * (a[d] - b[d]);
    }
    return sum;
  }

  private static void lfw(
      FaceAnalyzer faces, FaceEmbedder int8, FaceEmbedder full, List<LfwPairs.Pair> pairs)
      throws Exception {
    Set<Path> photos = new LinkedHashSet<>();
    pairs.forEach(pair -> photos.addAll(List.of(pair.first(), pair.second())));
    Map<Path, Both> vectors = embed(faces, int8, full, photos);
    for (String way : WAYS) {
      List<Outcome> outcomes = new ArrayList<>();
      for (LfwPairs.Pair pair : pairs) {
        Both a = vectors.get(pair.first());
        Both b = vectors.get(pair.second());
        double distance =
            a == null || b == null ? Double.NaN : Math.sqrt(squared(a.first(way), b.second(way)));
        outcomes.add(
            new Outcome(
                distance, pair.same(), pair.fold(), pair.firstPerson(), pair.secondPerson()));
      }
      VerificationEvaluation evaluation = VerificationEvaluation.of(outcomes);
      VerificationEvaluation.Accuracy accuracy = evaluation.accuracy(10);
      System.out.printf(
          "LFW    %-13s accuracy %.4f +- %.4f, best threshold %.3f, ROC area %.5f, TAR@1e-2 %.4f%n",
          way,
          accuracy.mean(),
          accuracy.standardError(),
          accuracy.threshold(),
          evaluation.rocArea(),
          evaluation.atFalseAcceptRate(0.01).trueAccept().value());
    }
  }

  private static void celebA(
      FaceAnalyzer faces, FaceEmbedder int8, FaceEmbedder full, FaceDataset dataset, int people)
      throws Exception {
    Map<String, List<Path>> byPerson = new LinkedHashMap<>();
    for (FaceDataset.Photo photo : dataset.photos()) {
      if (byPerson.size() < people || byPerson.containsKey(photo.identity())) {
        byPerson.computeIfAbsent(photo.identity(), p -> new ArrayList<>()).add(photo.file());
      }
    }
    Set<Path> photos = new LinkedHashSet<>();
    byPerson.values().forEach(photos::addAll);
    Map<Path, Both> vectors = embed(faces, int8, full, photos);
    List<List<Both>> known =
        byPerson.values().stream()
            .map(files -> files.stream().map(vectors::get).filter(v -> v != null).toList())
            .filter(found -> found.size() > 1)
            .toList();
    for (String way : WAYS) {
      int right = 0;
      long same = 0;
      long missed = 0;
      long strangers = 0;
      long accepted = 0;
      for (int query = 0; query < known.size(); query++) {
        float[] probe = known.get(query).get(0).first(way);
        double best = Double.POSITIVE_INFINITY;
        int nearest = -1;
        for (int person = 0; person < known.size(); person++) {
          for (Both photo : known.get(person).subList(1, known.get(person).size())) {
            double squared = squared(probe, photo.second(way));
            boolean near = squared <= THRESHOLD * THRESHOLD;
            if (person == query) {
              same++;
              missed += near ? 0 : 1;
            } else {
              strangers++;
              accepted += near ? 1 : 0;
            }
            if (squared < best) {
              best = squared;
              nearest = person;
            }
          }
        }
        right += nearest == query ? 1 : 0;
      }
      System.out.printf(
          "CelebA %-13s %d people: right person first %.4f; at %.3f strangers called one person"
              + " %.6f of %d, one person's photos not %.4f of %d%n",
          way,
          known.size(),
          (double) right / known.size(),
          THRESHOLD,
          (double) accepted / strangers,
          strangers,
          (double) missed / same,
          same);
    }
  }
}
