package io.facesearch.cli;

import io.facesearch.FaceMatch;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Queries and their matches as one HTML page and one PNG: right in green, wrong in red. */
final class ContactSheet {
  private static final int CELL = 110;
  private static final int PHOTO = 96;
  private static final int TEXT = 18;
  private static final Color RIGHT = new Color(0x1a7f37);
  private static final Color WRONG = new Color(0xcf222e);

  /**
   * A query and its matches.
   *
   * @param query the photo
   * @param person whose it is
   * @param matches nearest first
   * @param photos of the matches
   */
  record Row(Path query, String person, List<FaceMatch> matches, List<Path> photos) {}

  private ContactSheet() {}

  static void write(Path folder, List<Row> rows) throws IOException {
    Files.writeString(folder.resolve("contact-sheet.html"), html(folder, rows));
    ImageIO.write(png(rows), "png", folder.resolve("contact-sheet.png").toFile());
  }

  private static String html(Path folder, List<Row> rows) throws IOException {
    StringBuilder html =
        new StringBuilder(
            """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>facesearch: contact sheet</title>
            <style>
            body { font: 14px sans-serif; margin: 1rem; }
            td, th { padding: 4px; text-align: center; }
            img { width: 96px; height: 96px; object-fit: cover; display: block; }
            .right img { outline: 3px solid #1a7f37; } .wrong img { outline: 3px solid #cf222e; }
            .query { padding-right: 1.5rem; }
            </style></head><body><h1>Contact sheet</h1>
            <p>Left: the photo searched with. Then its matches, nearest first, with their L2
            distance. Green: the same person; red: another.</p><table>
            """);
    for (Row row : rows) {
      html.append("<tr><td class=\"query\">")
          .append(image(folder, row.query(), "query " + row.person()))
          .append(escape(row.person()))
          .append("</td>");
      for (int m = 0; m < row.matches().size(); m++) {
        FaceMatch match = row.matches().get(m);
        html.append(right(row, match) ? "<td class=\"right\">" : "<td class=\"wrong\">")
            .append(image(folder, row.photos().get(m), match.face().person().orElse("unknown")))
            .append(String.format(Locale.ROOT, "%.3f", match.distance()))
            .append("</td>");
      }
      html.append("</tr>\n");
    }
    return html.append("</table></body></html>\n").toString();
  }

  private static String image(Path folder, Path file, String label) throws IOException {
    String source = folder.toRealPath().relativize(file.toRealPath()).toString().replace('\\', '/');
    return "<img src=\"" + escape(source) + "\" alt=\"" + escape(label) + "\">";
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }

  private static boolean right(Row row, FaceMatch match) {
    return match.face().person().filter(row.person()::equals).isPresent();
  }

  private static BufferedImage png(List<Row> rows) throws IOException {
    int columns = 1 + rows.stream().mapToInt(row -> row.matches().size()).max().orElse(0);
    int height = CELL + TEXT;
    BufferedImage sheet =
        new BufferedImage(
            columns * CELL + 20, Math.max(1, rows.size()) * height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = sheet.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    for (int r = 0; r < rows.size(); r++) {
      Row row = rows.get(r);
      draw(g, row.query(), 4, r * height + 4, Color.GRAY, row.person());
      for (int m = 0; m < row.matches().size(); m++) {
        FaceMatch match = row.matches().get(m);
        draw(
            g,
            row.photos().get(m),
            (m + 1) * CELL + 20,
            r * height + 4,
            right(row, match) ? RIGHT : WRONG,
            String.format(Locale.ROOT, "%.3f", match.distance()));
      }
    }
    g.dispose();
    return sheet;
  }

  private static void draw(Graphics2D g, Path file, int x, int y, Color frame, String label)
      throws IOException {
    g.setColor(frame);
    g.fillRect(x, y, PHOTO + 6, PHOTO + 6);
    g.drawImage(ImageIO.read(file.toFile()), x + 3, y + 3, PHOTO, PHOTO, null);
    g.drawString(label, x + 3, y + PHOTO + TEXT);
  }
}
