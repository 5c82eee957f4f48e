package io.facesearch.benchmarks;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Draws the results of {@link IndexPeers} as PNG. {@code time chart.png results.json...} draws the
 * time of a query against the number of vectors, for each library at recall 0.99 or more; {@code
 * recall results.json...} draws anew what {@link IndexPeers} draws beside its results.
 */
public final class PeerCharts {
  private static final double ENOUGH = 0.99;
  private static final double LEAST_RECALL = 0.9;

  /** A library has the same color in every chart: that of the first of these it begins with. */
  private static final Map<String, Color> COLOURS = new LinkedHashMap<>();

  static {
    COLOURS.put("facesearch approximate", new Color(0xC01010));
    COLOURS.put("facesearch", new Color(0xF08020));
    COLOURS.put("hnswlib-core", new Color(0x8C564B));
    COLOURS.put("hnswlib", new Color(0x1F77B4));
    COLOURS.put("Lucene 9", new Color(0x98DF8A));
    COLOURS.put("Lucene", new Color(0x2CA02C));
    COLOURS.put("JVector", new Color(0x9467BD));
    COLOURS.put("FAISS", new Color(0x555555));
    COLOURS.put("plain scan", new Color(0x17BECF));
    COLOURS.put("", Color.BLACK);
  }

  private PeerCharts() {}

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws Exception if something fails
   */
  public static void main(String[] args) throws Exception {
    String what = args.length < 2 ? "" : args[0];
    switch (what) {
      case "recall" -> {
        for (String file : Arrays.asList(args).subList(1, args.length)) {
          recall(PeerResults.read(Path.of(file)), beside(Path.of(file)));
        }
      }
      case "time" -> {
        List<PeerResults> results = new ArrayList<>();
        for (String file : Arrays.asList(args).subList(2, args.length)) {
          results.add(PeerResults.read(Path.of(file)));
        }
        time(results, Path.of(args[1]));
      }
      default ->
          throw new IllegalArgumentException(
              "recall results.json... or time chart.png results.json..., but is: "
                  + String.join(" ", args));
    }
  }

  /** The chart of a results file: the same name with .png. */
  static Path beside(Path results) {
    return results.resolveSibling(
        results.getFileName().toString().replaceAll("\\.json$", "") + ".png");
  }

  /** Queries per second against recall, one curve a library. */
  static void recall(PeerResults results, Path png) throws IOException {
    XYChart chart =
        chart(
            results.title() + ", one thread", "recall@" + results.k(), "queries per second (log)");
    chart.getStyler().setXAxisMin(LEAST_RECALL).setXAxisMax(1.001).setXAxisDecimalPattern("0.00");
    Map<String, List<PeerResults.Line>> series = series(results.lines());
    List<Double> rates = new ArrayList<>();
    for (Map.Entry<String, List<PeerResults.Line>> entry : series.entrySet()) {
      List<PeerResults.Line> shown =
          entry.getValue().stream()
              .filter(line -> line.recall() >= LEAST_RECALL)
              .sorted(Comparator.comparingDouble(PeerResults.Line::recall))
              .toList();
      if (!shown.isEmpty()) {
        double[] y = shown.stream().mapToDouble(line -> 1e6 / line.quiet()).toArray();
        Arrays.stream(y).forEach(rates::add);
        add(
            chart,
            entry.getKey(),
            shown.stream().mapToDouble(PeerResults.Line::recall).toArray(),
            y);
      }
    }
    save(chart, rates, png);
  }

  /** Microseconds a query against the number of vectors, one curve a library. */
  static void time(List<PeerResults> results, Path png) throws IOException {
    String data = results.get(0).title().replaceAll(",.*", "");
    Map<String, Map<Integer, Double>> times = new LinkedHashMap<>();
    for (PeerResults result : results) {
      series(result.lines())
          .forEach(
              (name, lines) ->
                  timeAt(ENOUGH, lines)
                      .ifPresent(
                          time ->
                              times
                                  .computeIfAbsent(name, any -> new TreeMap<>())
                                  .put(result.vectors(), time)));
    }
    XYChart chart =
        chart(
            String.format(
                Locale.ROOT,
                "%s, k = %d, one thread, recall %.2f or more",
                data,
                results.get(0).k(),
                ENOUGH),
            "vectors (log)",
            "µs a query (log)");
    chart.getStyler().setXAxisLogarithmic(true).setXAxisDecimalPattern("#,###");
    List<Double> all = new ArrayList<>();
    times.forEach(
        (name, byCount) -> {
          all.addAll(byCount.values());
          add(
              chart,
              name,
              byCount.keySet().stream().mapToDouble(Integer::doubleValue).toArray(),
              byCount.values().stream().mapToDouble(Double::doubleValue).toArray());
        });
    save(chart, all, png);
  }

  /** Lines of one library, which differ in one setting. */
  static Map<String, List<PeerResults.Line>> series(List<PeerResults.Line> lines) {
    Map<String, List<PeerResults.Line>> series = new LinkedHashMap<>();
    for (PeerResults.Line line : lines) {
      String name = line.name().replaceAll(", (ef|recall|leaves) [0-9.]+$", "");
      series.computeIfAbsent(name, any -> new ArrayList<>()).add(line);
    }
    return series;
  }

  /** The least time among the settings that reach a recall. */
  static OptionalDouble timeAt(double recall, List<PeerResults.Line> lines) {
    return lines.stream()
        .filter(line -> line.recall() >= recall)
        .mapToDouble(PeerResults.Line::quiet)
        .min();
  }

  private static XYChart chart(String title, String x, String y) {
    XYChart chart =
        new XYChartBuilder()
            .width(1100)
            .height(650)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    chart
        .getStyler()
        .setYAxisLogarithmic(true)
        .setYAxisLogarithmicDecadeOnly(false)
        .setYAxisDecimalPattern("#,###");
    chart
        .getStyler()
        .setLegendPosition(LegendPosition.OutsideE)
        .setMarkerSize(8)
        .setChartBackgroundColor(Color.WHITE)
        .setLegendBorderColor(Color.WHITE)
        .setLocale(Locale.ROOT);
    return chart;
  }

  private static void add(XYChart chart, String name, double[] x, double[] y) {
    XYSeries series = chart.addSeries(name, x, y);
    boolean own = name.startsWith("facesearch");
    Color color =
        COLOURS.entrySet().stream()
            .filter(entry -> name.startsWith(entry.getKey()))
            .findFirst()
            .orElseThrow()
            .getValue();
    boolean batch = name.contains("batch");
    series.setLineColor(color);
    series.setMarkerColor(color);
    series.setLineStyle(
        batch
            ? new BasicStroke(
                1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {6, 4}, 0)
            : new BasicStroke(own ? 3 : 1.5f));
    series.setMarker(
        batch ? SeriesMarkers.SQUARE : own ? SeriesMarkers.DIAMOND : SeriesMarkers.CIRCLE);
  }

  /** The logarithmic axis begins and ends at 1, 2 or 5 times a power of ten. */
  @SuppressWarnings("deprecation") // the newer one takes a class of its internals
  private static void save(XYChart chart, List<Double> values, Path png) throws IOException {
    double least = values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    double most = values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    double from = 1e-3;
    double to = 1e9;
    for (int power = -3; power < 9; power++) {
      for (double step : new double[] {1, 2, 5}) {
        double value = step * Math.pow(10, power);
        from = value < least ? value : from;
        to = value > most ? Math.min(to, value) : to;
      }
    }
    chart.getStyler().setYAxisMin(from).setYAxisMax(to);
    try (OutputStream out = Files.newOutputStream(png)) {
      BitmapEncoder.saveBitmap(chart, out, BitmapFormat.PNG);
    }
  }
}
