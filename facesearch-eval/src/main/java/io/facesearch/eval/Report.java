package io.facesearch.eval;

import io.facesearch.Rate;
import io.facesearch.internal.PrivateFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Results for people and programs: the same tables as console text, CSV, JSON and, with charts and
 * sample retrievals, one self-contained HTML page. Not thread-safe while it is being filled.
 */
public final class Report {
  /**
   * A table.
   *
   * @param title short; also determines the name of its CSV file
   * @param columns headings, with units
   * @param rows cells: text, {@link Integer}, {@link Long}, {@link Double} or {@link Rate}; NaN
   *     means no value
   */
  public record Table(String title, List<String> columns, List<List<Object>> rows) {
    /** Checks that all rows have all columns. */
    public Table {
      Objects.requireNonNull(title, "title");
      columns = List.copyOf(columns);
      rows = rows.stream().map(List::copyOf).toList();
      for (List<Object> row : rows) {
        if (row.size() != columns.size()) {
          throw new IllegalArgumentException(
              title + ": expected " + columns.size() + " cells, but a row has " + row.size());
        }
        for (Object cell : row) {
          if (!(cell instanceof String
              || cell instanceof Integer
              || cell instanceof Long
              || cell instanceof Double
              || cell instanceof Rate)) {
            throw new IllegalArgumentException(
                title + ": a cell must be text, a number or a rate, but is: " + cell.getClass());
          }
        }
      }
    }
  }

  /**
   * A line of a chart.
   *
   * @param name shown in the legend
   * @param x at least one value
   * @param y as many values
   */
  public record Line(String name, double[] x, double[] y) {
    /** Copies the arrays. */
    public Line {
      if (x.length == 0 || x.length != y.length) {
        throw new IllegalArgumentException(
            name + ": a line needs as many x as y, but has " + x.length + " and " + y.length);
      }
      x = x.clone();
      y = y.clone();
    }
  }

  /**
   * A chart of lines.
   *
   * @param title short
   * @param xLabel with unit
   * @param yLabel with unit
   * @param logarithmicX whether x is on a logarithmic scale; then all x are greater than 0
   * @param lines at least one
   */
  public record Chart(
      String title, String xLabel, String yLabel, boolean logarithmicX, List<Line> lines) {
    /** Copies the list. */
    public Chart {
      lines = List.copyOf(lines);
    }
  }

  /**
   * A photo on the contact sheet.
   *
   * @param file image file
   * @param caption below it
   * @param right true if it shows the person searched for
   */
  public record Photo(Path file, String caption, boolean right) {}

  /**
   * A query and what it found.
   *
   * @param query image file
   * @param caption below it
   * @param matches nearest first
   */
  public record Sample(Path query, String caption, List<Photo> matches) {
    /** Copies the list. */
    public Sample {
      matches = List.copyOf(matches);
    }
  }

  private final String title;
  private final List<String> notes = new ArrayList<>();
  private final List<Table> tables = new ArrayList<>();
  private final List<Chart> charts = new ArrayList<>();
  private final List<Sample> samples = new ArrayList<>();

  /**
   * Creates an empty report.
   *
   * @param title of the page
   */
  public Report(String title) {
    this.title = Objects.requireNonNull(title, "title");
  }

  /**
   * Adds a sentence, for example about what was evaluated and what was left out.
   *
   * @param note one line
   * @return this
   */
  public Report note(String note) {
    notes.add(Objects.requireNonNull(note, "note"));
    return this;
  }

  /**
   * Adds a table.
   *
   * @param table the table
   * @return this
   */
  public Report table(Table table) {
    tables.add(Objects.requireNonNull(table, "table"));
    return this;
  }

  /**
   * Adds a chart, for HTML only.
   *
   * @param chart the chart
   * @return this
   */
  public Report chart(Chart chart) {
    charts.add(Objects.requireNonNull(chart, "chart"));
    return this;
  }

  /**
   * Adds a sample retrieval, for HTML only.
   *
   * @param sample a query and what it found
   * @return this
   */
  public Report sample(Sample sample) {
    samples.add(Objects.requireNonNull(sample, "sample"));
    return this;
  }

  /** {@return the title of the page} */
  public String title() {
    return title;
  }

  /** {@return the notes, in the order in which they were added} */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /** {@return the tables, in the order in which they were added} */
  public List<Table> tables() {
    return List.copyOf(tables);
  }

  List<Chart> charts() {
    return charts;
  }

  List<Sample> samples() {
    return samples;
  }

  /**
   * Prints notes and tables.
   *
   * @param out receives the text
   */
  public void print(PrintWriter out) {
    new ReportText(this).print(out);
    out.flush();
  }

  /**
   * Writes {@code report.html}, {@code report.json} and a CSV file for each table.
   *
   * @param folder created if missing; existing files of these names are replaced
   * @throws IOException if a file cannot be written
   */
  public void write(Path folder) throws IOException {
    PrivateFiles.createFolders(folder);
    ReportText text = new ReportText(this);
    text.csv(folder);
    text.json(folder.resolve("report.json"));
    new ReportHtml(this).write(folder.resolve("report.html"));
  }
}
