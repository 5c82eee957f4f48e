package io.facesearch.eval;

import io.facesearch.FaceImage;
import io.facesearch.internal.AtomicFile;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A {@link Report} as one HTML page that holds its images and loads nothing. */
final class ReportHtml {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 460;

  /** Charts are drawn so many times larger than they are shown, for sharp print and screens. */
  private static final int SCALE = 2;

  private static final int PHOTO = 96;

  /** Colors that people with color blindness tell apart (Okabe and Ito). */
  private static final Color[] COLOURS = {
    new Color(0x0072B2),
    new Color(0xD55E00),
    new Color(0x009E73),
    new Color(0xCC79A7),
    new Color(0xE69F00),
    new Color(0x56B4E9),
    new Color(0x444444),
    new Color(0x8C6D31),
    new Color(0x9467BD)
  };

  private final Report report;

  ReportHtml(Report report) {
    this.report = report;
  }

  void write(Path file) throws IOException {
    StringBuilder html = new StringBuilder();
    html.append(
        String.format(
            Locale.ROOT,
            """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%s</title>
        <style>
        body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1500px;
               padding: 0 1rem; color: #1f2328; }
        table { border-collapse: collapse; margin: .5rem 0 2rem; }
        th, td { padding: .3rem .7rem; border-bottom: 1px solid #d0d7de; text-align: right;
                 font-variant-numeric: tabular-nums; }
        th:first-child, td:first-child { text-align: left; }
        th { background: #f6f8fa; }
        .charts { display: flex; flex-wrap: wrap; gap: 1rem; }
        .charts img { width: %dpx; max-width: 100%%; border: 1px solid #d0d7de; }
        .sheet { overflow-x: auto; } .sheet td { text-align: center; border: 0; font-size: 12px; }
        .sheet img { width: %dpx; height: %dpx; object-fit: cover; display: block; }
        .right img { outline: 3px solid #1a7f37; } .wrong img { outline: 3px solid #cf222e; }
        .right { color: #1a7f37; } .wrong { color: #cf222e; }
        .query { padding-right: 1.5rem; }
        </style></head><body><h1>%s</h1>
        """,
            escape(report.title()),
            WIDTH,
            PHOTO,
            PHOTO,
            escape(report.title())));
    for (String note : report.notes()) {
      html.append("<p>").append(escape(note)).append("</p>\n");
    }
    for (Report.Table table : report.tables()) {
      table(html, table);
    }
    if (!report.charts().isEmpty()) {
      html.append("<h2>Charts</h2><div class=\"charts\">\n");
      for (Report.Chart chart : report.charts()) {
        html.append("<img alt=\"")
            .append(escape(chart.title()))
            .append("\" src=\"")
            .append(data(png(chart), "png"))
            .append("\">\n");
      }
      html.append("</div>\n");
    }
    samples(html);
    AtomicFile.writeString(file, html.append("</body></html>\n"));
  }

  private static void table(StringBuilder html, Report.Table table) {
    html.append("<h2>").append(escape(table.title())).append("</h2><table><tr>");
    table.columns().forEach(c -> html.append("<th>").append(escape(c)).append("</th>"));
    html.append("</tr>\n");
    for (List<Object> row : table.rows()) {
      html.append("<tr>");
      row.forEach(
          cell -> html.append("<td>").append(escape(ReportText.text(cell))).append("</td>"));
      html.append("</tr>\n");
    }
    html.append("</table>\n");
  }

  private void samples(StringBuilder html) throws IOException {
    if (report.samples().isEmpty()) {
      return;
    }
    html.append(
        """
        <h2>Sample retrievals</h2>
        <p>Left: the photo searched with. Then what it found, nearest first, with the L2 distance.
        <span class="right">Green, &#10003;: the same person</span>;
        <span class="wrong">red, &#10007;: another</span>.</p>
        <div class="sheet"><table>
        """);
    for (Report.Sample sample : report.samples()) {
      html.append("<tr><td class=\"query\">");
      photo(html, sample.query(), "query " + sample.caption());
      html.append(escape(sample.caption())).append("</td>");
      for (Report.Photo photo : sample.matches()) {
        html.append(photo.right() ? "<td class=\"right\">" : "<td class=\"wrong\">");
        photo(html, photo.file(), photo.caption());
        html.append(photo.right() ? "&#10003; " : "&#10007; ")
            .append(escape(photo.caption()))
            .append("</td>");
      }
      html.append("</tr>\n");
    }
    html.append("</table></div>\n");
  }

  private static void photo(StringBuilder html, Path file, String label) throws IOException {
    BufferedImage image = FaceImage.read(file).toBufferedImage();
    double scale = Math.max((double) PHOTO / image.getWidth(), (double) PHOTO / image.getHeight());
    int width = (int) Math.ceil(image.getWidth() * scale);
    int height = (int) Math.ceil(image.getHeight() * scale);
    BufferedImage small = new BufferedImage(PHOTO, PHOTO, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = small.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    g.drawImage(image, (PHOTO - width) / 2, (PHOTO - height) / 2, width, height, null);
    g.dispose();
    html.append("<img alt=\"")
        .append(escape(label))
        .append("\" src=\"")
        .append(data(small, "jpeg"))
        .append("\">");
  }

  private static String data(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    // Of its own accord ImageIO would write faces to a temporary file.
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageIO.write(image, format, out);
    }
    return "data:image/"
        + format
        + ";base64,"
        + Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  static BufferedImage png(Report.Chart chart) {
    boolean many = chart.lines().size() > 4;
    XYChart plot =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(chart.title())
            .xAxisTitle(chart.xLabel())
            .yAxisTitle(chart.yLabel())
            .build();
    plot.getStyler()
        .setChartBackgroundColor(Color.WHITE)
        .setChartTitleBoxVisible(false)
        .setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 16))
        .setLegendPosition(many ? Styler.LegendPosition.OutsideE : Styler.LegendPosition.OutsideS)
        .setLegendLayout(many ? Styler.LegendLayout.Vertical : Styler.LegendLayout.Horizontal)
        .setLegendBorderColor(Color.WHITE)
        .setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12))
        .setLegendVisible(chart.lines().size() > 1);
    plot.getStyler().setYAxisDecimalPattern("0.###");
    plot.getStyler().setYAxisTickMarkSpacingHint(45);
    plot.getStyler().setXAxisLogarithmic(chart.logarithmicX());
    plot.getStyler().setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    plot.getStyler().setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    plot.getStyler().setPlotGridLinesColor(new Color(0xD0D7DE));
    plot.getStyler().setPlotBorderVisible(false);
    for (int i = 0; i < chart.lines().size(); i++) {
      Report.Line line = chart.lines().get(i);
      XYSeries series = plot.addSeries(line.name(), line.x(), line.y());
      series.setLineColor(COLOURS[i % COLOURS.length]);
      series.setLineStyle(
          i < COLOURS.length
              ? new BasicStroke(2)
              : new BasicStroke(
                  2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {6, 4}, 0));
      boolean few = line.x().length <= 25;
      series.setMarker(few ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
      series.setMarkerColor(COLOURS[i % COLOURS.length]);
    }
    BufferedImage image =
        new BufferedImage(WIDTH * SCALE, HEIGHT * SCALE, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.scale(SCALE, SCALE);
    plot.paint(g, WIDTH, HEIGHT);
    g.dispose();
    return image;
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
