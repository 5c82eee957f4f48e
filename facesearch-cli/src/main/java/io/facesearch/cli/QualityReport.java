package io.facesearch.cli;

import io.facesearch.FaceQuality;
import io.facesearch.eval.ErrorVersusReject;
import io.facesearch.eval.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What quality does to the error. */
final class QualityReport {
  private static final List<Double> SHARES = List.of(0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5);

  private QualityReport() {}

  static void add(Report report, List<ErrorVersusReject.QualityPair> genuine, double threshold) {
    List<String> columns = new ArrayList<>(List.of("rejected by"));
    SHARES.forEach(share -> columns.add(String.format(Locale.ROOT, "%.0f %%", 100 * share)));
    List<List<Object>> rows = new ArrayList<>();
    List<Report.Line> lines = new ArrayList<>();
    List<Optional<FaceQuality.Reason>> by = new ArrayList<>();
    by.add(Optional.empty());
    for (FaceQuality.Reason reason : FaceQuality.Reason.values()) {
      by.add(Optional.of(reason));
    }
    for (Optional<FaceQuality.Reason> reason : by) {
      List<ErrorVersusReject.Point> curve =
          ErrorVersusReject.curve(genuine, threshold, reason.orElse(null), SHARES);
      String name = reason.map(Enum::name).orElse("worst of all");
      List<Object> row = new ArrayList<>(List.of(name));
      curve.forEach(point -> row.add(point.falseRejectRate()));
      rows.add(row);
      lines.add(
          new Report.Line(
              name,
              curve.stream().mapToDouble(p -> 100 * p.rejected()).toArray(),
              curve.stream().mapToDouble(p -> 100 * p.falseRejectRate()).toArray()));
    }
    report.note(
        String.format(
            Locale.ROOT,
            "quality: %d pairs of one person, threshold %.3f",
            genuine.size(),
            threshold));
    report.table(
        new Report.Table(
            "False reject rate by share of pairs rejected for quality", columns, rows));
    report.chart(
        new Report.Chart(
            "Error versus reject",
            "pairs rejected for low quality (%)",
            "false reject rate of the rest (%)",
            false,
            lines));
  }

  static void counts(Report report, List<FaceQuality> faces) {
    List<List<Object>> rows = new ArrayList<>();
    for (FaceQuality.Reason reason : FaceQuality.Reason.values()) {
      List<FaceQuality.Measure> measures =
          faces.stream()
              .flatMap(face -> face.measures().stream())
              .filter(m -> m.reason() == reason)
              .toList();
      double[] values = measures.stream().mapToDouble(m -> m.value()).sorted().toArray();
      if (values.length == 0) {
        continue;
      }
      rows.add(
          List.of(
              reason.name(),
              measures.get(0).limit(),
              (int) measures.stream().filter(FaceQuality.Measure::rejected).count(),
              values[values.length / 100],
              values[values.length / 2],
              values[values.length - 1 - values.length / 100]));
    }
    report.table(
        new Report.Table(
            "Quality of faces",
            List.of("reason", "limit", "beyond it", "1 % quantile", "median", "99 % quantile"),
            rows));
  }
}
