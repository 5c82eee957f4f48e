package io.facesearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecisionThresholdTest {
  private static final DecisionThreshold THRESHOLD =
      new DecisionThreshold(
          0.5,
          0.7,
          100,
          0.05,
          new Rate(0.049, 0.02, 0.08),
          new Rate(0.01, 0.008, 0.012),
          "Fotos, 3 × 5 people: #1 = \\ü");

  @TempDir private Path folder;

  @Test
  void boundsBelongToTheNearerDecision() {
    assertThat(THRESHOLD.decide(0)).isEqualTo(Decision.SAME);
    assertThat(THRESHOLD.decide(0.5)).isEqualTo(Decision.SAME);
    assertThat(THRESHOLD.decide(Math.nextUp(0.5))).isEqualTo(Decision.UNSURE);
    assertThat(THRESHOLD.decide(0.7)).isEqualTo(Decision.UNSURE);
    assertThat(THRESHOLD.decide(Math.nextUp(0.7))).isEqualTo(Decision.DIFFERENT);
    assertThat(new DecisionThreshold(0.5, 0.1, "x").decide(0.51)).isEqualTo(Decision.DIFFERENT);
    assertThatThrownBy(() -> THRESHOLD.decide(Double.NaN)).hasMessageContaining("NaN");
  }

  @Test
  void comesBackFromItsFile() throws Exception {
    Path file = folder.resolve("faces.fsx.threshold");
    THRESHOLD.save(file, "model");
    assertThat(DecisionThreshold.load(file, "model")).isEqualTo(THRESHOLD);
    DecisionThreshold plain = new DecisionThreshold(0.4, 0.01, "x");
    plain.save(file, "model");
    assertThat(DecisionThreshold.load(file, "model")).isEqualTo(plain);
    DecisionThreshold strangers = plain.withStrangers(StrangerRatesTest.RATES);
    strangers.save(file, "model");
    assertThat(DecisionThreshold.load(file, "model")).isEqualTo(strangers);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  /** Files of the first form, kept to be read forever. */
  @Test
  void filesOfTheFirstFormAreRead() throws Exception {
    Path plain = Path.of(DecisionThresholdTest.class.getResource("pairs-1.threshold").toURI());
    assertThat(DecisionThreshold.load(plain, "model")).isEqualTo(THRESHOLD);
    Path rates = Path.of(DecisionThresholdTest.class.getResource("strangers-1.threshold").toURI());
    assertThat(DecisionThreshold.load(rates, "model"))
        .isEqualTo(THRESHOLD.withStrangers(StrangerRatesTest.RATES));
  }

  /** Makes them. */
  public static void main(String[] args) throws Exception {
    THRESHOLD.save(Path.of(args[0], "pairs-1.threshold"), "model");
    THRESHOLD
        .withStrangers(StrangerRatesTest.RATES)
        .save(Path.of(args[0], "strangers-1.threshold"), "model");
  }

  @Test
  void aFileOfAnotherModelOrNoneIsRefused() throws Exception {
    Path file = folder.resolve("t");
    THRESHOLD.save(file, "model");
    assertThatThrownBy(() -> DecisionThreshold.load(file, "other"))
        .isInstanceOf(ModelMismatchException.class)
        .hasMessageContaining("calibrated for model model, but the embedder is other");
    String text = Files.readString(file);
    Files.writeString(file, text.replace("distance=0.5", "distance=-1"));
    assertDamaged(file, "distance must be finite and > 0");
    Files.writeString(file, text.replace("0.049 0.02 0.08", "0.049 0.02"));
    assertDamaged(file, "falseAccept needs value, low and high");
    Files.writeString(file, text.replaceAll("gallerySize=.*", ""));
    assertDamaged(file, "'gallerySize' is missing");
    Files.writeString(file, text + "strangers.1=0.3:0.01: 0.4:0.1\n");
    assertDamaged(file, "strangers.1 needs points of distance:rate, but has: 0.3:0.01:");
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    assertDamaged(file, "is not a threshold file: it is not in UTF-8");
    Files.writeString(file, "a=\\u12");
    assertDamaged(file, "is not a threshold file");
    try (RandomAccessFile huge = new RandomAccessFile(file.toFile(), "rw")) {
      huge.setLength(1L << 40); // takes no space
    }
    assertDamaged(file, "is not a threshold file: it has 1099511627776 bytes");
  }

  private static void assertDamaged(Path file, String message) {
    assertThatThrownBy(() -> DecisionThreshold.load(file, "model"))
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void senselessValuesAreRefused() {
    assertThatThrownBy(() -> new Rate(0.5, 0.6, 0.7)).hasMessageContaining("low=0.6");
    assertThatThrownBy(() -> new Rate(Double.NaN, 0, 1)).hasMessageContaining("value=NaN");
    assertThatThrownBy(() -> new DecisionThreshold(0.5, 0.4, 1, 0.1, null, null, "x"))
        .hasMessageContaining("differentBeyond");
    assertThatThrownBy(() -> new DecisionThreshold(0.5, 0.6, 0, 0.1, null, null, "x"))
        .hasMessageContaining("gallerySize must be at least 1");
  }

  @Test
  void theEndsOfTheRangesBelongToThem() {
    for (double distance : new double[] {0, -1, Double.POSITIVE_INFINITY, Double.NaN}) {
      assertThatThrownBy(() -> new DecisionThreshold(distance, 0.1, "x"))
          .hasMessageContaining("distance must be finite and > 0");
    }
    assertThatThrownBy(
            () -> new DecisionThreshold(1, Double.POSITIVE_INFINITY, 1, 0, null, null, "x"))
        .hasMessageContaining("differentBeyond");
    for (double rate : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatThrownBy(() -> new DecisionThreshold(1, rate, "x"))
          .hasMessageContaining("falseAcceptRate must be between 0 and 1");
    }
    assertThat(new DecisionThreshold(1, 0, "x").falseAcceptRate()).isZero();
    assertThat(new DecisionThreshold(1, 1, "x").falseAcceptRate()).isEqualTo(1);
  }

  @Test
  void whatWasMeasuredIsTold() {
    assertThat(THRESHOLD.falseAccept()).contains(new Rate(0.049, 0.02, 0.08));
    assertThat(THRESHOLD.falseReject()).contains(new Rate(0.01, 0.008, 0.012));
    assertThat(new DecisionThreshold(1, 0, "x").falseAccept()).isEmpty();
    assertThat(new DecisionThreshold(1, 0, "x").falseReject()).isEmpty();
    assertThat(THRESHOLD.toString()).contains("distance=0.5", "differentBeyond=0.7");
  }
}
