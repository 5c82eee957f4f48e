package io.facesearch.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceImage;
import io.facesearch.Landmarks;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LandmarkNetworkTest {
  /** Outputs of the published networks, computed by an independent implementation. */
  @Test
  void equalsTheGoldenOutputs() {
    String golden = new String(Resources.read("golden-landmarks.csv"), StandardCharsets.UTF_8);
    try (LandmarkNetwork full = LandmarkNetwork.create();
        LandmarkNetwork tiny = LandmarkNetwork.builder().tiny(true).build()) {
      for (String line : golden.lines().toList()) {
        String[] cells = line.split(",", -1);
        LandmarkNetwork network = cells[0].equals("landmark_68") ? full : tiny;
        float[] actual = network.raw(formula(Integer.parseInt(cells[1])));
        assertThat(actual).hasSize(136);
        for (int i = 0; i < 136; i++) {
          assertThat((double) actual[i])
              .as("%s, value %d", line.substring(0, 20), i)
              .isCloseTo(Double.parseDouble(cells[2 + i]), within(2e-3));
        }
      }
      assertThat(golden.lines()).hasSize(6);
    }
  }

  private static FaceImage formula(int seed) {
    byte[] rgb = new byte[3 * 112 * 112];
    for (int y = 0; y < 112; y++) {
      for (int x = 0; x < 112; x++) {
        for (int c = 0; c < 3; c++) {
          rgb[3 * (y * 112 + x) + c] =
              (byte)
                  ((x * (3 + seed) + y * (5 + 2 * seed) + 40 * c + ((x / 8 + y / 8 + c) % 2) * 60)
                      % 256);
        }
      }
    }
    return FaceImage.ofRgb(112, 112, rgb);
  }

  @Test
  void eyesAreAboveTheMouthAndLeftIsLeft() {
    try (LandmarkNetwork network = LandmarkNetwork.create()) {
      for (int person = 1; person <= 32; person++) {
        Landmarks five =
            network.locate(Samples.query(person), new BoundingBox(25, 25, 126, 126)).toFivePoints();
        assertThat(five.x(0)).isLessThan(five.x(1));
        assertThat(five.x(3)).isLessThan(five.x(4));
        assertThat(five.y(0)).isLessThan(five.y(2));
        assertThat(five.y(2)).isLessThan(five.y(3));
      }
    }
  }

  @Test
  void theSecondPassForgivesABadBox() {
    FaceImage photo = Samples.query(5);
    BoundingBox good = new BoundingBox(25, 25, 126, 126);
    BoundingBox bad = new BoundingBox(10, 15, 140, 140);
    try (LandmarkNetwork one = LandmarkNetwork.builder().passes(1).build();
        LandmarkNetwork two = LandmarkNetwork.create()) {
      assertThat(spread(two.locate(photo, good), two.locate(photo, bad)))
          .isLessThan(spread(one.locate(photo, good), one.locate(photo, bad)));
    }
  }

  @Test
  void aTurnedFaceHasItsLandmarksWhereTheyAre() {
    FaceImage photo = Samples.query(5);
    try (LandmarkNetwork network = LandmarkNetwork.create();
        YuNetDetector detector = YuNetDetector.create()) {
      DetectedFace upright = detector.detect(photo).get(0);
      Landmarks expected = network.locate(photo, upright);
      for (int turn = 90; turn < 360; turn += 90) {
        FaceImage turned = FaceBoxes.turned(photo, 360 - turn);
        DetectedFace face = detector.detect(turned).get(0);
        assertThat(face.turn()).isEqualTo(turn);
        Landmarks there = network.locate(turned, face);
        DetectedFace back = FaceBoxes.turnedBack(face.withLandmarks(there), 360 - turn, photo);
        assertThat(spread(back.landmarks(), expected)).as("turn %d", turn).isLessThan(1);
      }
    }
  }

  private static double spread(Landmarks a, Landmarks b) {
    return IntStream.range(0, 68)
        .mapToDouble(i -> Math.hypot(a.x(i) - b.x(i), a.y(i) - b.y(i)))
        .average()
        .orElseThrow();
  }

  @Test
  void manyThreadsSeeWhatOneSees() {
    FaceImage photo = Samples.query(6);
    BoundingBox box = new BoundingBox(25, 25, 126, 126);
    try (LandmarkNetwork network = LandmarkNetwork.create()) {
      Landmarks expected = network.locate(photo, box);
      assertThat(
              IntStream.range(0, 64)
                  .parallel()
                  .mapToObj(i -> network.locate(photo, box))
                  .distinct()
                  .toList())
          .containsExactly(expected);
    }
  }

  @Test
  void refusesToWorkWhenClosed() {
    LandmarkNetwork network = LandmarkNetwork.create();
    network.close();
    assertThatThrownBy(() -> network.locate(Samples.query(1), new BoundingBox(0, 0, 50, 50)))
        .isInstanceOf(IllegalStateException.class);
  }
}
