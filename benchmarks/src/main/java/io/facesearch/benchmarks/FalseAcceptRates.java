package io.facesearch.benchmarks;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceChoice;
import io.facesearch.FaceIndex;
import io.facesearch.FaceSearch;
import io.facesearch.eval.VerificationEvaluation;
import io.facesearch.eval.VerificationEvaluation.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Thresholds of the default model by false accept rate: {@code FalseAcceptRates FOLDER}, with one
 * subfolder of photos a person; the most central face of each photo counts.
 */
public final class FalseAcceptRates {
  private static final int PAIRS_OF_TWO = 1_000_000;
  private static final long SEED = 42;

  private FalseAcceptRates() {}

  public static void main(String[] args) throws Exception {
    try (FaceSearch faces =
        FaceSearch.builder().allFaces(false).choice(FaceChoice.MOST_CENTRAL).build()) {
      faces.addAll(Path.of(args[0]));
      print(faces.index());
    }
  }

  /** Over all pairs of one person and a million random pairs of two. */
  static void print(FaceIndex index) {
    List<EmbeddedFace> all = index.faces();
    List<Outcome> outcomes = new ArrayList<>();
    Map<String, List<EmbeddedFace>> people = people(index);
    for (List<EmbeddedFace> photos : people.values()) {
      for (int i = 0; i < photos.size(); i++) {
        for (int j = i + 1; j < photos.size(); j++) {
          outcomes.add(outcome(photos.get(i), photos.get(j), true));
        }
      }
    }
    int same = outcomes.size();
    Random random = new Random(SEED);
    while (outcomes.size() < same + PAIRS_OF_TWO) {
      EmbeddedFace a = all.get(random.nextInt(all.size()));
      EmbeddedFace b = all.get(random.nextInt(all.size()));
      if (!a.face().person().equals(b.face().person())) {
        outcomes.add(outcome(a, b, false));
      }
    }
    VerificationEvaluation evaluation = VerificationEvaluation.of(outcomes);
    System.out.printf(
        "%d faces of %d people: %d pairs of one person, %d of two (seed %d)%n",
        all.size(), people.size(), same, PAIRS_OF_TWO, SEED);
    for (double rate : new double[] {1e-1, 1e-2, 1e-3, 1e-4}) {
      VerificationEvaluation.OperatingPoint point = evaluation.atFalseAcceptRate(rate);
      System.out.printf(
          "  false accept rate %.0e: threshold %.4f, true accept rate %.4f%n",
          rate, point.threshold(), point.trueAcceptRate());
    }
  }

  static Map<String, List<EmbeddedFace>> people(FaceIndex index) {
    Map<String, List<EmbeddedFace>> people = new TreeMap<>();
    for (EmbeddedFace face : index.faces()) {
      people.computeIfAbsent(face.face().person().orElseThrow(), p -> new ArrayList<>()).add(face);
    }
    return people;
  }

  private static Outcome outcome(EmbeddedFace a, EmbeddedFace b, boolean same) {
    return new Outcome(a.embedding().distanceTo(b.embedding()), same);
  }
}
