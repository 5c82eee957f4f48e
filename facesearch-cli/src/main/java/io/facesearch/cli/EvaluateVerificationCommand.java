package io.facesearch.cli;

import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceChoice;
import io.facesearch.eval.EmbeddedPhoto;
import io.facesearch.eval.ErrorVersusReject;
import io.facesearch.eval.LfwPairs;
import io.facesearch.eval.Report;
import io.facesearch.eval.VerificationEvaluation;
import io.facesearch.eval.VerificationEvaluation.Claim;
import io.facesearch.eval.VerificationEvaluation.OperatingPoint;
import io.facesearch.eval.VerificationEvaluation.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "verification",
    mixinStandardHelpOptions = true,
    description = "Decides pairs of photos by the protocol of LFW (view 1 and 2).",
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch evaluate verification pairsDevTest.txt --photos lfw",
      "  facesearch evaluate verification pairs.txt --photos lfw --out report --json"
    })
final class EvaluateVerificationCommand implements Callable<Integer> {
  private static final double[] RATES = {1e-1, 1e-2, 1e-3, 1e-4};

  @Parameters(paramLabel = "PAIRS", description = "pairs.txt or pairsDevTest.txt.")
  private Path pairsFile;

  @Option(
      names = "--photos",
      paramLabel = "FOLDER",
      required = true,
      description = "The folder of LFW's images.")
  private Path images;

  @Option(
      names = "--folds",
      paramLabel = "N",
      defaultValue = "10",
      description = "Folds of cross-validation (default: ${DEFAULT-VALUE}).")
  private int folds;

  @Mixin private EvaluationOptions options;

  @Override
  public Integer call() throws Exception {
    List<LfwPairs.Pair> pairs = LfwPairs.read(pairsFile, images);
    Report report = new Report("Verification on " + pairsFile.getFileName());
    Set<Path> photos = new LinkedHashSet<>();
    pairs.forEach(
        pair -> {
          photos.add(pair.first());
          photos.add(pair.second());
        });
    try (FaceAnalyzer faces = options.open(FaceChoice.MOST_CENTRAL)) {
      Map<Path, EmbeddedPhoto> embedded = options.embed(faces, new ArrayList<>(photos), report);
      List<Outcome> outcomes = new ArrayList<>();
      for (LfwPairs.Pair pair : pairs) {
        EmbeddedPhoto a = EvaluationOptions.of(pair.first(), embedded);
        EmbeddedPhoto b = EvaluationOptions.of(pair.second(), embedded);
        double distance =
            a.embedding().isEmpty() || b.embedding().isEmpty()
                ? Double.NaN
                : a.embedding().get().distanceTo(b.embedding().get());
        outcomes.add(
            new Outcome(
                distance, pair.same(), pair.fold(), pair.firstPerson(), pair.secondPerson()));
      }
      fill(report, VerificationEvaluation.of(outcomes));
      quality(report, pairs, embedded, faces);
    }
    options.finish(report);
    return 0;
  }

  private void fill(Report report, VerificationEvaluation evaluation) {
    VerificationEvaluation.Accuracy accuracy = evaluation.accuracy(folds);
    OperatingPoint equal = evaluation.equalErrorRate();
    report.table(
        new Report.Table(
            "Verification",
            List.of("metric", "value"),
            List.of(
                List.of("pairs", evaluation.outcomes().size()),
                List.of(
                    "pairs with both faces detected (others are errors)",
                    evaluation.detectedShare()),
                List.of("accuracy, " + folds + " folds", accuracy.mean()),
                List.of("standard error", accuracy.standardError()),
                List.of("threshold (L2 distance)", accuracy.threshold()),
                List.of("area under the ROC curve", evaluation.rocArea()),
                List.of("equal error rate", equal.falseAcceptRate()))));
    List<List<Object>> rows = new ArrayList<>();
    for (double rate : RATES) {
      try {
        Claim claim = evaluation.atFalseAcceptRate(rate);
        rows.add(
            List.of(
                rate,
                claim.threshold(),
                claim.trueAccept(),
                claim.falseAccept(),
                claim.precise() ? "" : "few errors: rate known roughly (rule of 30)"));
      } catch (IllegalArgumentException e) {
        rows.add(List.of(rate, Double.NaN, "-", "-", e.getMessage()));
      }
    }
    report.table(
        new Report.Table(
            "True accept rate by false accept rate",
            List.of("wanted FAR", "threshold", "TAR", "measured FAR", "remark"),
            rows));
    List<OperatingPoint> roc =
        evaluation.roc().stream().filter(p -> p.falseAcceptRate() > 0).toList();
    report.chart(
        new Report.Chart(
            "ROC",
            "false accept rate (logarithmic)",
            "true accept rate (%)",
            true,
            List.of(
                new Report.Line(
                    "ROC",
                    roc.stream().mapToDouble(OperatingPoint::falseAcceptRate).toArray(),
                    roc.stream().mapToDouble(p -> 100 * p.trueAcceptRate()).toArray()))));
  }

  private static void quality(
      Report report,
      List<LfwPairs.Pair> pairs,
      Map<Path, EmbeddedPhoto> embedded,
      FaceAnalyzer faces) {
    List<ErrorVersusReject.QualityPair> genuine = new ArrayList<>();
    for (LfwPairs.Pair pair : pairs) {
      EmbeddedPhoto a = EvaluationOptions.of(pair.first(), embedded);
      EmbeddedPhoto b = EvaluationOptions.of(pair.second(), embedded);
      if (pair.same() && a.embedding().isPresent() && b.embedding().isPresent()) {
        genuine.add(
            new ErrorVersusReject.QualityPair(
                a.embedding().get().distanceTo(b.embedding().get()),
                a.quality().orElseThrow(),
                b.quality().orElseThrow()));
      }
    }
    QualityReport.add(report, genuine, faces.threshold().distance());
    QualityReport.counts(
        report, embedded.values().stream().flatMap(p -> p.quality().stream()).toList());
  }
}
