package io.facesearch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.facesearch.eval.LfwPairs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The default chain on real photos, so that no change spoils it unseen. The bounds leave room below
 * what the measuring programs report; these samples are smaller than theirs.
 */
@Tag("shared-data")
class AccuracyTest {
  private static final Path DATA = Path.of("../../shared/data");

  private static Path data(String folder) {
    Path path = DATA.resolve(folder);
    assumeTrue(Files.isDirectory(path), () -> "skipped: there is no " + path.toAbsolutePath());
    return path;
  }

  @Test
  void lfwVerification() throws Exception {
    Path lfw = data("lfw");
    List<LfwPairs.Pair> all = LfwPairs.read(lfw.resolve("pairsDevTest.txt"), lfw.resolve("images"));
    List<LfwPairs.Pair> some = new ArrayList<>();
    for (int i = 0; i < all.size(); i += 5) {
      some.add(all.get(i));
    }
    LfwVerification.Result result = LfwVerification.evaluate(DetectionChains.open("default"), some);
    assertThat(result.detected()).isGreaterThan(0.99);
    assertThat(result.evaluation().accuracy(10).mean()).isGreaterThan(0.965);
    assertThat(result.evaluation().rocArea()).isGreaterThan(0.985);
  }

  @Test
  void widerDetection() throws Exception {
    Path wider = data("wider");
    List<String> rows = Files.readAllLines(wider.resolve("boxes.csv"));
    List<String> some = new ArrayList<>();
    for (int i = 1; i < rows.size(); i += 4) {
      some.add(rows.get(i));
    }
    WiderDetection.Result result =
        WiderDetection.evaluate(DetectionChains.open("default"), wider, some);
    assertThat(result.recall()).isGreaterThan(0.75);
    assertThat(result.falseBoxes()).isLessThan(0.2);
  }
}
