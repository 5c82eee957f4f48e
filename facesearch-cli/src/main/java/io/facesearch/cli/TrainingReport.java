package io.facesearch.cli;

import io.facesearch.embed.Checkpoint;
import io.facesearch.eval.Report;
import io.facesearch.eval.RetrievalEvaluation;
import io.facesearch.eval.RetrievalEvaluation.AttributesAtK;
import io.facesearch.train.StepReport;
import io.facesearch.train.TrainingParts;
import io.facesearch.train.TrainingResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What a training did, as tables and charts. */
final class TrainingReport {
  private TrainingReport() {}

  /** Of a training whose stages were tested on the held-out people. */
  static Report of(
      String title,
      Checkpoint checkpoint,
      TrainingResult result,
      Map<String, RetrievalEvaluation.Result> stages,
      TrainingParts parts) {
    Report report = new Report(title);
    report.note(parts.dataset().toString());
    report.note(
        String.format(
            Locale.ROOT,
            "%d training, %d validation, %d test images; people are in one part only",
            parts.train().size(),
            parts.validation().size(),
            parts.test().size()));
    report.note(
        String.format(
            Locale.ROOT,
            "%d steps, %.0f s in this run; best validation score %.4f after %d steps",
            result.steps(),
            result.seconds(),
            result.bestScore(),
            result.bestStep()));
    report.note("threshold: " + Thresholds.words(checkpoint.card().threshold()));
    List<List<Object>> identity = new ArrayList<>();
    stages.forEach(
        (name, stage) ->
            stage
                .identity()
                .ifPresent(
                    i ->
                        identity.add(
                            List.of(
                                name,
                                i.atK().get(0).cmc(),
                                i.atK().get(2).cmc(),
                                i.meanAveragePrecision()))));
    if (!parts.dataset().attributeNames().isEmpty()) {
      report.table(attributes(stages));
    }
    report.table(
        new Report.Table(
            "Identity",
            List.of("model", "recall@1 (CMC at 1)", "CMC at 10", "mean average precision"),
            identity));
    charts(report, result);
    return report;
  }

  /** One line a k, as intervals of all k side by side are too wide for a terminal. */
  static Report.Table attributes(Map<String, RetrievalEvaluation.Result> stages) {
    List<String> columns = new ArrayList<>(List.of("k"));
    List<List<Object>> rows = new ArrayList<>();
    RetrievalEvaluation.DEFAULT_KS.forEach(k -> rows.add(new ArrayList<>(List.of(k))));
    stages.forEach(
        (name, stage) -> {
          columns.add(name);
          for (int i = 0; i < rows.size(); i++) {
            AttributesAtK at = stage.attributes().get(i);
            rows.get(i)
                .add(
                    at.accuracy()
                        .map(
                            a ->
                                String.format(
                                    Locale.ROOT,
                                    "%.2f [%.2f, %.2f] / %.4f",
                                    100 * a.value(),
                                    100 * a.low(),
                                    100 * a.high(),
                                    at.distance()))
                        .orElse("-"));
          }
        });
    return new Report.Table("Attribute accuracy % [95 % interval] / distance", columns, rows);
  }

  private static void charts(Report report, TrainingResult result) {
    if (result.reports().isEmpty()) {
      return;
    }
    chart(report, result, "Loss by step", "step", "loss", r -> r.step() + 1, StepReport::loss);
    chart(
        report,
        result,
        "Loss by training time",
        "minutes",
        "loss",
        r -> r.seconds() / 60,
        StepReport::loss);
    chart(
        report, result, "Validation score", "step", "score", r -> r.step() + 1, StepReport::score);
    chart(
        report,
        result,
        "Share of active triplets",
        "step",
        "share",
        r -> r.step() + 1,
        StepReport::active);
  }

  private static void chart(
      Report report,
      TrainingResult result,
      String title,
      String xLabel,
      String yLabel,
      ToDoubleFunction<StepReport> x,
      ToDoubleFunction<StepReport> y) {
    List<StepReport> steps =
        result.reports().stream().filter(r -> !Double.isNaN(y.applyAsDouble(r))).toList();
    if (!steps.isEmpty()) {
      report.chart(
          new Report.Chart(
              title,
              xLabel,
              yLabel,
              false,
              List.of(
                  new Report.Line(
                      yLabel,
                      steps.stream().mapToDouble(x).toArray(),
                      steps.stream().mapToDouble(y).toArray()))));
    }
  }
}
