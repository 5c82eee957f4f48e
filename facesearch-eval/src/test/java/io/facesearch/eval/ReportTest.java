package io.facesearch.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.facesearch.Rate;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  @TempDir private Path folder;

  @Test
  void oneReportInAllForms() throws Exception {
    Path photo = folder.resolve("a <b>.png");
    ImageIO.write(new BufferedImage(20, 30, BufferedImage.TYPE_INT_RGB), "png", photo.toFile());
    Report.Chart chart =
        new Report.Chart(
            "Curve",
            "x (unit)",
            "y (%)",
            true,
            List.of(new Report.Line("l", new double[] {1, 10}, new double[] {1, 2})));
    Report report =
        new Report("A <report>")
            .note("one & two")
            .table(
                new Report.Table(
                    "Some, rates!",
                    List.of("name", "rate", "count"),
                    List.of(
                        List.of("a, \"b\"", new Rate(0.5, 0.25, 0.75), 3),
                        List.of("none", "-", Double.NaN))))
            .chart(chart)
            .sample(
                new Report.Sample(
                    photo,
                    "who",
                    List.of(
                        new Report.Photo(photo, "0.1", true),
                        new Report.Photo(photo, "0.9", false))));
    report.write(folder.resolve("out"));
    assertThat(Files.readString(folder.resolve("out/some-rates.csv")).lines())
        .containsExactly(
            "name,rate,rate (95 % low),rate (95 % high),count",
            "\"a, \"\"b\"\"\",0.5,0.25,0.75,3", "none,-,,,");
    JsonObject json =
        JsonParser.parseString(Files.readString(folder.resolve("out/report.json")))
            .getAsJsonObject();
    JsonObject row =
        json.getAsJsonObject("tables").getAsJsonArray("Some, rates!").get(0).getAsJsonObject();
    assertThat(row.getAsJsonObject("rate").get("high").getAsDouble()).isEqualTo(0.75);
    String html = Files.readString(folder.resolve("out/report.html"));
    assertThat(html)
        .contains("A &lt;report&gt;", "one &amp; two", "class=\"right\"", "class=\"wrong\"")
        .contains("data:image/png;base64,", "0.5000 [0.2500, 0.7500]")
        .doesNotContain("<b>", "http");
    StringWriter text = new StringWriter();
    report.print(new PrintWriter(text));
    assertThat(text.toString()).contains("0.5000 [0.2500, 0.7500]      3");

    BufferedImage drawn = ReportHtml.png(chart);
    int colored = 0;
    for (int y = 0; y < drawn.getHeight(); y++) {
      for (int x = 0; x < drawn.getWidth(); x++) {
        colored += new Color(drawn.getRGB(x, y)).equals(new Color(0x0072B2)) ? 1 : 0;
      }
    }
    assertThat(colored).as("pixels of the line").isGreaterThan(1000);
  }

  @Test
  void malformedTablesAreRefused() {
    assertThatThrownBy(() -> new Report.Table("t", List.of("a", "b"), List.of(List.of("only one"))))
        .hasMessage("t: expected 2 cells, but a row has 1");
    assertThatThrownBy(() -> new Report.Table("t", List.of("a"), List.of(List.of(new Object()))))
        .hasMessageContaining("a cell must be text");
  }

  /** In Egypt's Arabic, whose digits are no digits of HTML, nor of the names of photos. */
  @Test
  void aLocaleChangesNoDigits() throws Exception {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertThat(String.format("%d", 1)).as("the locale has other digits").isNotEqualTo("1");
      Report report =
          new Report("A")
              .table(
                  new Report.Table(
                      "T",
                      List.of("name", "rate"),
                      List.of(List.of("a", new Rate(0.5, 0.2, 0.8)))));
      StringWriter console = new StringWriter();
      report.print(new PrintWriter(console));
      report.write(folder.resolve("out"));
      for (String text :
          List.of(
              console.toString(),
              Files.readString(folder.resolve("out/t.csv")),
              Files.readString(folder.resolve("out/report.json")),
              Files.readString(folder.resolve("out/report.html")))) {
        assertThat(text.chars().filter(c -> Character.isDigit(c) && c > '9')).isEmpty();
      }
      Path pairs = Files.writeString(folder.resolve("pairs.txt"), "1\nAnn\t1\t2\nAnn\t1\tBob\t3\n");
      assertThat(LfwPairs.read(pairs, folder).get(0).first())
          .isEqualTo(folder.resolve("Ann/Ann_0001.jpg"));
    } finally {
      Locale.setDefault(before);
    }
  }
}
