package io.facesearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The small values: what they check, and that they cannot be changed. */
class RecordsTest {
  private static final AlignmentTemplate BOX = AlignmentTemplate.box("box", 112, 96, 0.25);
  private static final DecisionThreshold THRESHOLD = new DecisionThreshold(0.6, 0.001, "pairs");
  private static final String FINGERPRINT = "0123456789abcdef".repeat(4);

  @Test
  void modelCard() {
    ModelCard card = new ModelCard("m", 128, BOX, "CC0", FINGERPRINT, THRESHOLD);
    assertThat(card.dimension()).isEqualTo(128);
    assertThatThrownBy(() -> new ModelCard("m", 0, BOX, "CC0", FINGERPRINT, THRESHOLD))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dimension must be at least 1, but is: 0");
    assertThatThrownBy(() -> new ModelCard("m", 1, null, "CC0", FINGERPRINT, THRESHOLD))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("input");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "abc", "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"})
  void fingerprintOfModelCard(String fingerprint) {
    assertThatThrownBy(() -> new ModelCard("m", 1, BOX, "CC0", fingerprint, THRESHOLD))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("64 lower-case hexadecimal digits");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void distanceOfThreshold(double distance) {
    assertThatThrownBy(() -> new DecisionThreshold(distance, 0.1, "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("but is: " + distance);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
  void rateOfThreshold(double rate) {
    assertThatThrownBy(() -> new DecisionThreshold(1, rate, "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("but is: " + rate);
  }

  @Test
  void anchoredTemplate() {
    int[] points = {36, 45};
    float[] targets = {10, 20, 30, 40};
    AlignmentTemplate template =
        AlignmentTemplate.anchored("eyes", 112, 96, 68, points, targets, 0.1);
    points[0] = 0;
    targets[0] = 0;
    assertThat(template.name()).isEqualTo("eyes");
    assertThat(template.width()).isEqualTo(112);
    assertThat(template.height()).isEqualTo(96);
    assertThat(template.scheme()).isEqualTo(68);
    assertThat(template.anchors()).isEqualTo(2);
    assertThat(template.point(0)).isEqualTo(36);
    assertThat(template.targetX(0)).isEqualTo(10);
    assertThat(template.targetY(1)).isEqualTo(40);
    assertThat(template.margin()).isEqualTo(0.1);
    assertThat(template).hasToString("eyes (112x96, 2 anchors)");
  }

  @Test
  void boxTemplate() {
    assertThat(BOX.anchors()).isZero();
    assertThat(BOX.scheme()).isZero();
    assertThat(BOX.margin()).isEqualTo(0.25);
  }

  @Test
  void templatesThatAreNone() {
    float[] two = {1, 2, 3, 4};
    assertThatThrownBy(() -> AlignmentTemplate.box("x", 0, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("but is: 0x1");
    assertThatThrownBy(() -> AlignmentTemplate.box("x", 1, 4097, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AlignmentTemplate.box("x", 1, 1, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("margin must be between 0 and 4, but is: NaN");
    assertThatThrownBy(() -> AlignmentTemplate.anchored("x", 9, 9, 7, new int[] {1, 2}, two, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("but is: 7");
    assertThatThrownBy(() -> AlignmentTemplate.anchored("x", 9, 9, 5, new int[] {1, 5}, two, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("anchor 5 is not a point of the 5-point scheme");
    assertThatThrownBy(
            () -> AlignmentTemplate.anchored("x", 9, 9, 5, new int[] {1}, new float[2], 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 2 anchors");
    assertThatThrownBy(
            () -> AlignmentTemplate.anchored("x", 9, 9, 5, new int[] {1, 2}, new float[3], 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void faceRecord() {
    FaceRecord unknown = FaceRecord.of("a");
    assertThat(unknown.person()).isEmpty();
    assertThat(unknown.source()).isEmpty();
    assertThat(unknown.box()).isEmpty();
    assertThat(FaceRecord.of("a", "Ada").person()).contains("Ada");
    assertThat(FaceRecord.of("a")).isEqualTo(unknown).isNotEqualTo(FaceRecord.of("b"));
    assertThatThrownBy(() -> FaceRecord.of(""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the id of a face must not be empty");
    assertThatThrownBy(() -> FaceRecord.of(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> FaceRecord.of("a", null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> FaceRecord.of("a").withPerson(null))
        .isInstanceOf(NullPointerException.class);
  }

  @Test
  void searchResultIsACopy() {
    List<FaceMatch> matches = new ArrayList<>();
    matches.add(new FaceMatch(FaceRecord.of("a"), 0.5));
    SearchResult result = new SearchResult(matches, SearchPlan.TREE, 3, 40);
    matches.clear();
    assertThat(result).hasSize(1);
    assertThat(result.matches().get(0).distance()).isEqualTo(0.5);
    assertThat(result.leavesVisited()).isEqualTo(3);
    assertThat(result.distancesComputed()).isEqualTo(40);
    assertThatThrownBy(() -> result.matches().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.NaN})
  void distanceOfMatch(double distance) {
    assertThatThrownBy(() -> new FaceMatch(FaceRecord.of("a"), distance))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("but is: " + distance);
  }

  @Test
  void detectedAndEmbeddedFace() {
    BoundingBox box = new BoundingBox(0, 0, 1, 1);
    DetectedFace face = new DetectedFace(box, -3, Landmarks.NONE);
    Landmarks five = Landmarks.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    assertThat(face.withLandmarks(five)).isEqualTo(new DetectedFace(box, -3, five));
    assertThatThrownBy(() -> new DetectedFace(box, Double.NaN, Landmarks.NONE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new DetectedFace(box, 1, null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> new EmbeddedFace(FaceRecord.of("a"), null))
        .isInstanceOf(NullPointerException.class);
  }
}
