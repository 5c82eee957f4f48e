package io.facesearch.benchmarks;

import io.facesearch.DetectedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceChoice;
import io.facesearch.FaceImage;
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

  /** What one chain did. */
  record Result(VerificationEvaluation evaluation, double detected, double msPerPhoto) {}

  private static void run(String chain, List<LfwPairs.Pair> pairs) throws Exception {
    Result result = evaluate(DetectionChains.open(chain), pairs);
    VerificationEvaluation.Accuracy accuracy = result.evaluation().accuracy(10);
    System.out.printf(
        "%-28s %9.4f %9.4f %9.4f %9.3f %9.5f %9.4f %8.1f%n",
        chain,
        result.detected(),
        accuracy.mean(),
        accuracy.standardError(),
        accuracy.threshold(),
        result.evaluation().rocArea(),
        result.evaluation().atFalseAcceptRate(0.01).trueAccept().value(),
        result.msPerPhoto());
  }

  static Result evaluate(FaceAnalyzer.Builder builder, List<LfwPairs.Pair> pairs) throws Exception {
    Set<Path> photos = new LinkedHashSet<>();
    pairs.forEach(
        pair -> {
          photos.add(pair.first());
          photos.add(pair.second());
        });
    Map<Path, Embedding> embeddings = new ConcurrentHashMap<>();
    long start;
    long end;
    // The person of an LFW photo is the one in its middle.
    try (FaceAnalyzer faces = builder.choice(FaceChoice.MOST_CENTRAL).build()) {
      start = System.nanoTime();
      Parallel.forEach(
          new ArrayList<>(photos),
          photo -> {
            FaceImage image = FaceImage.read(photo);
            Optional<DetectedFace> face = faces.detectOne(image);
            face.ifPresent(f -> embeddings.put(photo, faces.embed(image, f)));
          });
      end = System.nanoTime();
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (LfwPairs.Pair pair : pairs) {
      Embedding a = embeddings.get(pair.first());
      Embedding b = embeddings.get(pair.second());
      double distance = a == null || b == null ? Double.NaN : a.distanceTo(b);
      outcomes.add(
          new Outcome(distance, pair.same(), pair.fold(), pair.firstPerson(), pair.secondPerson()));
    }
    return new Result(
        VerificationEvaluation.of(outcomes),
        (double) embeddings.size() / photos.size(),
        (end - start) / 1e6 / photos.size());
  }
}
