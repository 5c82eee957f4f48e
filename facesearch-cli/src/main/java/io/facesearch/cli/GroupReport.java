package io.facesearch.cli;

import io.facesearch.eval.Calibration;
import io.facesearch.eval.LabeledFace;
import io.facesearch.eval.Report;
import java.util.ArrayList;
import java.util.List;

/** How often a threshold errs within groups of people, by the attributes of their photos. */
final class GroupReport {
  private GroupReport() {}

  /**
   * Adds a table: for each attribute the photos that have it, and those that do not.
   *
   * @param attributeNames of the data set; the number of a name is its bit
   * @param groups names of attributes
   * @throws IllegalArgumentException if the data set has no such attribute
   */
  static void add(
      Report report,
      List<LabeledFace> faces,
      List<String> attributeNames,
      List<String> groups,
      double threshold,
      long seed) {
    List<List<Object>> rows = new ArrayList<>();
    rows.add(row("all", faces, threshold, seed));
    for (String group : groups) {
      int bit = attributeNames.indexOf(group);
      if (bit < 0) {
        throw new IllegalArgumentException(
            "--groups takes attributes of the data set, but '"
                + group
                + "' is none; it has "
                + (attributeNames.isEmpty() ? "none" : String.join(", ", attributeNames)));
      }
      for (long value = 1; value >= 0; value--) {
        long wanted = value;
        List<LabeledFace> those =
            faces.stream().filter(f -> (f.attributes() >> bit & 1) == wanted).toList();
        rows.add(row(value == 1 ? group : "not " + group, those, threshold, seed));
      }
    }
    report.table(
        new Report.Table(
            "Within groups, at this threshold",
            List.of("group", "photos", "false accept rate", "false reject rate"),
            rows));
  }

  private static List<Object> row(
      String name, List<LabeledFace> faces, double threshold, long seed) {
    Calibration within = Calibration.ofFaces(faces, name, seed);
    return List.of(
        name, faces.size(), within.falseAccept(threshold), within.falseReject(threshold));
  }
}
