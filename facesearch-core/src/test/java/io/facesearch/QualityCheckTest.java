package io.facesearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.FaceQuality.Measure;
import io.facesearch.FaceQuality.Reason;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QualityCheckTest {
  /** Eyes, nose tip and mouth corners; x right, y down, z towards the camera. */
  private static final double[][] HEAD = {
    {-50, 0, 0}, {50, 0, 0}, {0, 56, 43}, {-40, 103, 5}, {40, 103, 5},
  };

  /** The head seen from afar: turned left or right, then raised or lowered, then tilted. */
  private static Landmarks turned(double yaw, double pitch, double roll) {
    double y = Math.toRadians(yaw);
    double p = Math.toRadians(pitch);
    double r = Math.toRadians(roll);
    float[] xy = new float[10];
    for (int i = 0; i < 5; i++) {
      double x1 = HEAD[i][0] * Math.cos(y) + HEAD[i][2] * Math.sin(y);
      double z1 = -HEAD[i][0] * Math.sin(y) + HEAD[i][2] * Math.cos(y);
      double y2 = HEAD[i][1] * Math.cos(p) - z1 * Math.sin(p);
      xy[2 * i] = (float) (200 + x1 * Math.cos(r) - y2 * Math.sin(r));
      xy[2 * i + 1] = (float) (200 + x1 * Math.sin(r) + y2 * Math.cos(r));
    }
    return Landmarks.of(xy);
  }

  @ParameterizedTest
  @CsvSource({"0,0,0", "30,0,0", "-30,0,0", "0,25,0", "0,-25,0", "0,0,20", "0,0,-40"})
  void poseOfATurnedHead(double yaw, double pitch, double roll) {
    HeadPose pose = HeadPose.of(turned(yaw, pitch, roll)).orElseThrow();
    assertThat(pose.yaw()).isEqualTo(yaw, within(0.1));
    assertThat(pose.pitch()).isEqualTo(pitch, within(0.1));
    assertThat(pose.roll()).isEqualTo(roll, within(0.1));
  }

  @Test
  void withoutLandmarksThereIsNoPose() {
    assertThat(HeadPose.of(Landmarks.NONE)).isEmpty();
    assertThat(HeadPose.of(Landmarks.of(new float[10]))).isEmpty();
  }

  private static FaceImage noise(int mean, int spread) {
    Random random = new Random(1);
    byte[] rgb = new byte[3 * 150 * 150];
    for (int i = 0; i < rgb.length; i += 3) {
      int v = Math.max(0, Math.min(255, mean + random.nextInt(2 * spread + 1) - spread));
      rgb[i] = rgb[i + 1] = rgb[i + 2] = (byte) v;
    }
    return FaceImage.ofRgb(150, 150, rgb);
  }

  private static List<Reason> reasons(BoundingBox box, Landmarks landmarks, FaceImage chip) {
    FaceImage photo = FaceImage.ofRgb(400, 400, new byte[3 * 400 * 400]);
    FaceQuality quality =
        QualityCheck.DEFAULT.measure(photo, new DetectedFace(box, 1, landmarks), chip);
    assertThat(quality.score() < 0.5).isEqualTo(!quality.rejections().isEmpty());
    return quality.rejections().stream().map(Measure::reason).toList();
  }

  @Test
  void everyReasonIsGiven() {
    BoundingBox box = new BoundingBox(100, 100, 200, 200);
    FaceImage sharp = noise(128, 60);
    Landmarks frontal = turned(0, 0, 0);
    assertThat(reasons(box, frontal, sharp)).isEmpty();
    assertThat(reasons(new BoundingBox(100, 100, 39, 90), frontal, sharp))
        .containsExactly(Reason.TOO_SMALL);
    assertThat(reasons(box, frontal, noise(128, 1))).containsExactly(Reason.BLURRED);
    assertThat(reasons(box, frontal, noise(30, 20))).containsExactly(Reason.TOO_DARK);
    assertThat(reasons(box, frontal, noise(235, 20))).containsExactly(Reason.TOO_BRIGHT);
    assertThat(reasons(box, turned(45, 0, 0), sharp)).containsExactly(Reason.YAW);
    assertThat(reasons(box, turned(0, 40, 0), sharp)).containsExactly(Reason.PITCH);
    assertThat(reasons(box, turned(0, 0, -40), sharp)).containsExactly(Reason.ROLL);
    assertThat(reasons(new BoundingBox(-50, 100, 200, 200), frontal, sharp))
        .containsExactly(Reason.CUT_OFF);
  }

  @Test
  void scoresAreOneHalfAtTheLimitAndOrdered() {
    assertThat(new Measure(Reason.BLURRED, 15, 15).score()).isEqualTo(0.5);
    assertThat(new Measure(Reason.YAW, 40, 40).score()).isEqualTo(0.5);
    assertThat(new Measure(Reason.TOO_BRIGHT, 225, 225).score()).isEqualTo(0.5);
    assertThat(new Measure(Reason.YAW, 50, 40).score()).isLessThan(0.5);
    assertThat(new Measure(Reason.TOO_BRIGHT, 255, 225).score()).isZero();
    assertThat(new FaceQuality(List.of()).score()).isEqualTo(1);
    assertThatThrownBy(() -> QualityCheck.builder().limit(Reason.YAW, 0))
        .hasMessageContaining("the limit of YAW must be finite and > 0");
    assertThat(QualityCheck.builder().limit(Reason.YAW, 10).build().limit(Reason.YAW))
        .isEqualTo(10);
  }
}
