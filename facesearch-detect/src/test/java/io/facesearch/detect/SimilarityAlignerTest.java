package io.facesearch.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.AlignmentTemplate;
import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceImage;
import io.facesearch.Landmarks;
import io.facesearch.testing.DoubleRange;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.Property;
import org.junit.jupiter.api.Test;

class SimilarityAlignerTest {
  private static final float[] FIVE = {
    38.3f, 51.7f, 73.5f, 51.5f, 56f, 71.7f, 41.5f, 92.4f, 70.7f, 92.2f
  };
  private static final AlignmentTemplate TEMPLATE =
      AlignmentTemplate.anchored("five", 112, 112, 5, new int[] {0, 1, 2, 3, 4}, FIVE, 0.25);
  private final SimilarityAligner aligner = new SimilarityAligner();

  /**
   * A photo whose color is a linear function of the position shows, after the inverse of any
   * similarity, at each anchor the color of the landmark that belongs there.
   */
  @Property(tries = 50)
  void landmarksLandOnTheirAnchors(
      @ForAll @DoubleRange(min = -3.1, max = 3.1) double angle,
      @ForAll @DoubleRange(min = 0.6, max = 3) double scale) {
    int size = 400;
    byte[] rgb = new byte[3 * size * size];
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        rgb[3 * (y * size + x)] = (byte) (x * 255 / size);
        rgb[3 * (y * size + x) + 1] = (byte) (y * 255 / size);
      }
    }
    float[] xy = new float[10];
    for (int i = 0; i < 5; i++) {
      double x = (FIVE[2 * i] - 56) * scale;
      double y = (FIVE[2 * i + 1] - 72) * scale;
      xy[2 * i] = (float) (200 + x * Math.cos(angle) - y * Math.sin(angle));
      xy[2 * i + 1] = (float) (200 + x * Math.sin(angle) + y * Math.cos(angle));
    }
    FaceImage chip =
        aligner.align(FaceImage.ofRgb(size, size, rgb), face(Landmarks.of(xy)), TEMPLATE);
    // Anchors lie between pixels, at most .71 of one away; a color stands for 1.6 pixels, cut
    // twice.
    double tolerance = 0.75 * scale + 2.5;
    for (int i = 0; i < 5; i++) {
      int pixel = chip.rgb(Math.round(FIVE[2 * i]), Math.round(FIVE[2 * i + 1]));
      assertThat((pixel >> 16 & 0xff) * size / 255.0)
          .isCloseTo((double) xy[2 * i], within(tolerance));
      assertThat((pixel >> 8 & 0xff) * size / 255.0)
          .isCloseTo((double) xy[2 * i + 1], within(tolerance));
    }
  }

  @Test
  void withoutLandmarksTheBoxWithItsMarginIsCut() {
    byte[] rgb = new byte[3 * 100 * 100];
    for (int y = 30; y < 70; y++) {
      for (int x = 30; x < 70; x++) {
        rgb[3 * (y * 100 + x)] = (byte) 200;
      }
    }
    DetectedFace face = new DetectedFace(new BoundingBox(30, 30, 40, 40), 1, Landmarks.NONE);
    FaceImage chip =
        aligner.align(
            FaceImage.ofRgb(100, 100, rgb), face, AlignmentTemplate.box("box", 60, 60, 0.25));
    // 40 px with 25 % on each side is 60 px: the red square sits in the middle, pixel for pixel.
    assertThat(chip.rgb(10, 10)).isEqualTo(0xc80000);
    assertThat(chip.rgb(9, 9)).isZero();
    assertThat(chip.rgb(49, 49)).isEqualTo(0xc80000);
    assertThat(chip.rgb(50, 50)).isZero();
  }

  @Test
  void outsideThePhotoIsBlack() {
    byte[] white = new byte[3 * 50 * 50];
    java.util.Arrays.fill(white, (byte) 255);
    DetectedFace face = new DetectedFace(new BoundingBox(-20, -20, 40, 40), 1, Landmarks.NONE);
    FaceImage chip =
        aligner.align(
            FaceImage.ofRgb(50, 50, white), face, AlignmentTemplate.box("box", 40, 40, 0));
    assertThat(chip.rgb(0, 0)).isZero();
    assertThat(chip.rgb(39, 39)).isEqualTo(0xffffff);
  }

  @Test
  void shrinkingAverages() {
    byte[] stripes = new byte[3 * 400 * 400];
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = (byte) (i / 3 % 2 == 0 ? 0 : 200);
    }
    DetectedFace face = new DetectedFace(new BoundingBox(0, 0, 400, 400), 1, Landmarks.NONE);
    FaceImage chip =
        aligner.align(
            FaceImage.ofRgb(400, 400, stripes), face, AlignmentTemplate.box("box", 50, 50, 0));
    assertThat(chip.rgb(25, 25) & 0xff).isBetween(95, 105);
  }

  @Test
  void aTemplateThatNeedsMoreLandmarksIsRefused() {
    AlignmentTemplate needs68 =
        AlignmentTemplate.anchored(
            "x", 50, 50, 68, new int[] {30, 36}, new float[] {1, 2, 3, 4}, 0);
    assertThatThrownBy(
            () ->
                aligner.align(
                    FaceImage.ofRgb(10, 10, new byte[300]), face(Landmarks.of(FIVE)), needs68))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs 68 landmarks, but the face has 5");
  }

  @Test
  void landmarksOnOnePointAreRefused() {
    assertThatThrownBy(
            () ->
                aligner.align(
                    FaceImage.ofRgb(10, 10, new byte[300]),
                    face(Landmarks.of(new float[10])),
                    TEMPLATE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static DetectedFace face(Landmarks landmarks) {
    return new DetectedFace(new BoundingBox(0, 0, 10, 10), 1, landmarks);
  }
}
