package io.facesearch.eval;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import de.siegmar.fastcsv.writer.CsvWriter;
import io.facesearch.Rate;
import io.facesearch.internal.AtomicFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The text forms of a {@link Report}. */
final class ReportText {
  private final Report report;

  ReportText(Report report) {
    this.report = report;
  }

  void print(PrintWriter out) {
    out.println(report.title());
    report.notes().forEach(out::println);
    for (Report.Table table : report.tables()) {
      out.println();
      out.println(table.title());
      List<List<String>> lines = new ArrayList<>();
      lines.add(table.columns());
      table.rows().forEach(row -> lines.add(row.stream().map(ReportText::text).toList()));
      for (List<String> line : lines) {
        StringBuilder row = new StringBuilder();
        for (int c = 0; c < line.size(); c++) {
          int column = c;
          int width = lines.stream().mapToInt(l -> l.get(column).length()).max().orElse(0);
          String pad = " ".repeat(width - line.get(c).length());
          row.append(c == 0 ? line.get(c) + pad : "  " + pad + line.get(c));
        }
        out.println(row.toString().stripTrailing());
      }
    }
  }

  /** A cell for people. */
  static String text(Object cell) {
    if (cell instanceof Rate rate) {
      return number(rate.value()) + " [" + number(rate.low()) + ", " + number(rate.high()) + "]";
    }
    return cell instanceof Double d ? number(d) : cell.toString();
  }

  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    double size = Math.abs(value);
    if (size != 0 && size < 0.001) {
      return String.format(Locale.ROOT, "%.2e", value);
    }
    return String.format(Locale.ROOT, size < 10 ? "%.4f" : "%.2f", value);
  }

  void csv(Path folder) throws IOException {
    for (Report.Table table : report.tables()) {
      String name = table.title().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
      Path file = folder.resolve(name.replaceAll("^-|-$", "") + ".csv");
      StringWriter text = new StringWriter();
      try (CsvWriter csv = CsvWriter.builder().build(text)) {
        List<String> head = new ArrayList<>();
        for (int c = 0; c < table.columns().size(); c++) {
          head.add(table.columns().get(c));
          if (isRate(table, c)) {
            head.add(table.columns().get(c) + " (95 % low)");
            head.add(table.columns().get(c) + " (95 % high)");
          }
        }
        csv.writeRecord(head);
        for (List<Object> row : table.rows()) {
          List<String> cells = new ArrayList<>();
          for (int c = 0; c < row.size(); c++) {
            Object cell = row.get(c);
            if (cell instanceof Rate rate) {
              cells.add(Double.toString(rate.value()));
              cells.add(Double.toString(rate.low()));
              cells.add(Double.toString(rate.high()));
            } else {
              cells.add(cell instanceof Double d && d.isNaN() ? "" : cell.toString());
              if (isRate(table, c)) {
                cells.add("");
                cells.add("");
              }
            }
          }
          csv.writeRecord(cells);
        }
      }
      AtomicFile.writeString(file, text.toString());
    }
  }

  private static boolean isRate(Report.Table table, int column) {
    return table.rows().stream().anyMatch(row -> row.get(column) instanceof Rate);
  }

  void json(Path file) throws IOException {
    JsonObject root = new JsonObject();
    root.addProperty("title", report.title());
    JsonArray notes = new JsonArray();
    report.notes().forEach(notes::add);
    root.add("notes", notes);
    JsonObject tables = new JsonObject();
    for (Report.Table table : report.tables()) {
      JsonArray rows = new JsonArray();
      for (List<Object> row : table.rows()) {
        JsonObject cells = new JsonObject();
        for (int c = 0; c < row.size(); c++) {
          cells.add(table.columns().get(c), json(row.get(c)));
        }
        rows.add(cells);
      }
      tables.add(table.title(), rows);
    }
    root.add("tables", tables);
    JsonObject charts = new JsonObject();
    for (Report.Chart chart : report.charts()) {
      JsonObject lines = new JsonObject();
      for (Report.Line line : chart.lines()) {
        JsonArray points = new JsonArray();
        for (int i = 0; i < line.x().length; i++) {
          JsonArray point = new JsonArray();
          point.add(json(line.x()[i]));
          point.add(json(line.y()[i]));
          points.add(point);
        }
        lines.add(line.name(), points);
      }
      charts.add(chart.title(), lines);
    }
    root.add("charts", charts);
    AtomicFile.writeString(
        file, new GsonBuilder().setPrettyPrinting().create().toJson(root) + "\n");
  }

  private static JsonElement json(Object cell) {
    if (cell instanceof Rate rate) {
      JsonObject value = new JsonObject();
      value.addProperty("value", rate.value());
      value.addProperty("low", rate.low());
      value.addProperty("high", rate.high());
      return value;
    }
    if (cell instanceof Double d) {
      return Double.isFinite(d) ? new JsonPrimitive(d) : JsonNull.INSTANCE;
    }
    return cell instanceof Number n ? new JsonPrimitive(n) : new JsonPrimitive(cell.toString());
  }
}
