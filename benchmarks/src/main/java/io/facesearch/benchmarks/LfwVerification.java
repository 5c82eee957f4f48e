package io.facesearch.benchmarks;

import io.facesearch.DetectedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceChoice;
import io.facesearch.FaceImage;
import io.facesearch.FaceSearch;
import io.facesearch.eval.LfwPairs;
import io.facesearch.eval.VerificationEvaluation;
import io.facesearch.eval.VerificationEvaluation.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * LFW verification with several detection chains: {@code LfwVerification PAIRS IMAGES [CHAIN...]}.
 */
public final class LfwVerification {
  private LfwVerification() {}

  public static void main(String[] args) throws Exception {
    List<LfwPairs.Pair> pairs = LfwPairs.read(Path.of(args[0]), Path.of(args[1]));
    List<String> chains =
        args.length > 2 ? List.of(args).subList(2, args.length) : DetectionChains.NAMES;
    System.out.printf(
        "%-28s %9s %9s %9s %9s %9s %9s %8s%n",
        "chain", "detected", "accuracy", "+-", "threshold", "ROC area", "TAR@1e-2", "ms/photo");
    for (String chain : chains) {
      run(chain, pairs);
    }
  }

  private static void run(String chain, List<LfwPairs.Pair> pairs) throws Exception {
    Set<Path> photos = new LinkedHashSet<>();
    pairs.forEach(
        pair -> {
          photos.add(pair.first());
          photos.add(pair.second());
        });
    Map<Path, Embedding> embeddings = new ConcurrentHashMap<>();
    long start = System.nanoTime();
    // The person of an LFW photo is the one in its middle.
    try (FaceSearch faces = DetectionChains.open(chain).choice(FaceChoice.MOST_CENTRAL).build()) {
      Parallel.forEach(
          new ArrayList<>(photos),
          photo -> {
            FaceImage image = FaceImage.read(photo);
            Optional<DetectedFace> face = faces.detectOne(image);
            face.ifPresent(f -> embeddings.put(photo, faces.embed(image, f)));
          });
    }
    double ms = (System.nanoTime() - start) / 1e6 / photos.size();
    VerificationEvaluation evaluation =
        VerificationEvaluation.of(
            pairs.stream()
                .map(
                    pair -> {
                      Embedding a = embeddings.get(pair.first());
                      Embedding b = embeddings.get(pair.second());
                      return new Outcome(
                          a == null || b == null ? Double.NaN : a.distanceTo(b), pair.same());
                    })
                .toList());
    VerificationEvaluation.Accuracy accuracy = evaluation.accuracy(10);
    System.out.printf(
        "%-28s %9.4f %9.4f %9.4f %9.3f %9.5f %9.4f %8.1f%n",
        chain,
        (double) embeddings.size() / photos.size(),
        accuracy.mean(),
        accuracy.standardError(),
        accuracy.threshold(),
        evaluation.rocArea(),
        evaluation.atFalseAcceptRate(0.01).trueAcceptRate(),
        ms);
  }
}
