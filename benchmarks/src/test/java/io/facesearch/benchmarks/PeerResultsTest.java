package io.facesearch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerResultsTest {
  private static final Measurement EXACT = new Measurement("facesearch exact", 2, 60, 50, 1);
  private static final Measurement BELOW = new Measurement("hnswlib, ef 40", 9, 50, 40, 0.95);
  private static final Measurement ENOUGH = new Measurement("hnswlib, ef 150", 9, 180, 150, 0.992);
  private static final Measurement MORE = new Measurement("hnswlib, ef 200", 9, 240, 200, 0.996);

  @TempDir Path folder;

  private PeerResults open(int k) throws Exception {
    Path none = folder.resolve("none");
    return PeerResults.open(
        folder.resolve("r.json"), new PeerData("face2", 40000, k, none, none, none));
  }

  @Test
  void keepsWhatEarlierRunsMeasured() throws Exception {
    PeerResults first = open(10);
    first.add(List.of(EXACT, BELOW), EXACT);
    first.write();
    PeerResults second = open(10);
    Measurement faster = new Measurement("facesearch exact", 2, 30, 25, 1);
    second.add(List.of(faster, MORE), faster);
    assertThat(second.lines())
        .extracting(PeerResults.Line::name)
        .containsExactly("facesearch exact", "hnswlib, ef 40", "hnswlib, ef 200");
    assertThat(second.lines()).extracting(PeerResults.Line::ratio).containsExactly(1.0, 0.8, 8.0);
  }

  @Test
  void doesNotMixData() throws Exception {
    PeerResults first = open(10);
    first.add(List.of(EXACT), EXACT);
    first.write();
    assertThatThrownBy(() -> open(1)).hasMessageContaining("r.json").hasMessageContaining("k = 10");
  }

  @Test
  void takesTheFastestSettingThatIsGoodEnough() throws Exception {
    PeerResults results = open(10);
    results.add(List.of(EXACT, BELOW, MORE, ENOUGH), EXACT);
    var series = PeerCharts.series(results.lines());
    assertThat(series.keySet()).containsExactly("facesearch exact", "hnswlib");
    assertThat(PeerCharts.timeAt(0.99, series.get("hnswlib"))).hasValue(150);
    assertThat(PeerCharts.timeAt(0.999, series.get("hnswlib"))).isEmpty();
  }

  @Test
  void drawsCharts() throws Exception {
    PeerResults results = open(10);
    results.add(List.of(EXACT, BELOW, ENOUGH, MORE), EXACT);
    Path recall = PeerCharts.beside(folder.resolve("r.json"));
    Path time = folder.resolve("time.png");
    PeerCharts.recall(results, recall);
    PeerCharts.time(List.of(results), time);
    assertThat(recall).hasFileName("r.png");
    for (Path png : List.of(recall, time)) {
      BufferedImage image = ImageIO.read(png.toFile());
      int[] pixels =
          image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
      // The colors of both series are there.
      assertThat(Arrays.stream(pixels).distinct().toArray()).contains(0xFFF08020, 0xFF1F77B4);
    }
  }

  @Test
  void measures() {
    int[][] truth = {{1, 2}, {3, 4}};
    int[][] found = {{2, 1}, {3, 9}};
    assertThat(Measurement.recall(found, truth)).isCloseTo(0.75, within(1e-9));
    Measurement read = Measurement.parse(ENOUGH.line());
    assertThat(read).isEqualTo(ENOUGH);
    assertThatThrownBy(() -> Measurement.parse("loading...")).hasMessageContaining("loading...");
  }
}
