package io.facesearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.testing.DoubleRange;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.IntRange;
import io.facesearch.testing.Property;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BoundingBoxTest {
  static BoundingBox boxes(Random random) {
    return new BoundingBox(corner(random), corner(random), side(random), side(random));
  }

  private static double corner(Random random) {
    return random.nextInt(8) == 0 ? random.nextInt(1001) - 500 : 1000 * random.nextDouble() - 500;
  }

  private static double side(Random random) {
    return random.nextInt(8) == 0 ? 0.01 : 0.01 + 499.99 * random.nextDouble();
  }

  @Test
  void edges() {
    BoundingBox box = new BoundingBox(1, 2, 10, 20);
    assertThat(box.right()).isEqualTo(11);
    assertThat(box.bottom()).isEqualTo(22);
    assertThat(box.centerX()).isEqualTo(6);
    assertThat(box.centerY()).isEqualTo(12);
    assertThat(box.area()).isEqualTo(200);
  }

  @Test
  void valuesThatAreNoBox() {
    double[][] wrong = {
      {Double.NaN, 0, 1, 1},
      {0, Double.POSITIVE_INFINITY, 1, 1},
      {0, 0, 0, 1},
      {0, 0, 1, -1},
      {0, 0, Double.NaN, 1},
      {0, 0, 1, Double.POSITIVE_INFINITY},
    };
    for (double[] v : wrong) {
      assertThatThrownBy(() -> new BoundingBox(v[0], v[1], v[2], v[3]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("x=" + v[0])
          .hasMessageContaining("height=" + v[3]);
    }
  }

  @Test
  void iouOfKnownBoxes() {
    BoundingBox box = new BoundingBox(0, 0, 10, 10);
    assertThat(box.iou(box)).isEqualTo(1);
    assertThat(box.iou(new BoundingBox(5, 0, 10, 10))).isCloseTo(50.0 / 150, within(1e-12));
    assertThat(box.iou(new BoundingBox(2, 2, 5, 5))).isCloseTo(0.25, within(1e-12));
    assertThat(box.iou(new BoundingBox(10, 0, 5, 5))).isZero(); // they touch
    assertThat(box.iou(new BoundingBox(20, 20, 5, 5))).isZero();
  }

  @Property
  void iouIsSymmetricAndBetween0And1(
      @ForAll("boxes") BoundingBox a, @ForAll("boxes") BoundingBox b) {
    assertThat(a.iou(b)).isBetween(0.0, 1.0 + 1e-9);
    assertThat(a.iou(b)).isCloseTo(b.iou(a), within(1e-12));
    assertThat(a.iou(a)).isCloseTo(1, within(1e-6));
  }

  @Property
  void iouDoesNotDependOnWhereTheOriginIs(
      @ForAll("boxes") BoundingBox a,
      @ForAll("boxes") BoundingBox b,
      @ForAll @IntRange(min = -1000, max = 1000) int shift) {
    BoundingBox movedA = new BoundingBox(a.x() + shift, a.y() - shift, a.width(), a.height());
    BoundingBox movedB = new BoundingBox(b.x() + shift, b.y() - shift, b.width(), b.height());
    assertThat(movedA.iou(movedB)).isCloseTo(a.iou(b), within(1e-6));
  }

  @Property
  void squareKeepsTheCenterAndHoldsTheBox(
      @ForAll("boxes") BoundingBox box, @ForAll @DoubleRange(min = 0.1, max = 5) double factor) {
    BoundingBox square = box.square(factor);
    assertThat(square.width()).isEqualTo(square.height());
    assertThat(square.width()).isEqualTo(Math.max(box.width(), box.height()) * factor);
    assertThat(square.centerX()).isCloseTo(box.centerX(), within(1e-9));
    assertThat(square.centerY()).isCloseTo(box.centerY(), within(1e-9));
    if (factor >= 1) {
      assertThat(square.x()).isLessThanOrEqualTo(box.x() + 1e-9);
      assertThat(square.bottom()).isGreaterThanOrEqualTo(box.bottom() - 1e-9);
    }
  }

  @Test
  void squareOfNothingIsRefused() {
    BoundingBox box = new BoundingBox(0, 0, 10, 10);
    assertThatThrownBy(() -> box.square(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> box.square(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> box.square(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
  }

  @Property
  void clippedBoxLiesInTheImageAndInTheBox(
      @ForAll("boxes") BoundingBox box,
      @ForAll @IntRange(min = 1, max = 400) int width,
      @ForAll @IntRange(min = 1, max = 400) int height) {
    boolean inside = box.x() < width && box.y() < height && box.right() > 0 && box.bottom() > 0;
    if (!inside) {
      assertThatThrownBy(() -> box.clip(width, height))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(width + "x" + height);
      return;
    }
    BoundingBox clipped = box.clip(width, height);
    assertThat(clipped.x()).isGreaterThanOrEqualTo(Math.max(0, box.x()));
    assertThat(clipped.y()).isGreaterThanOrEqualTo(Math.max(0, box.y()));
    assertThat(clipped.right()).isLessThanOrEqualTo(Math.min(width, box.right()) + 1e-9);
    assertThat(clipped.bottom()).isLessThanOrEqualTo(Math.min(height, box.bottom()) + 1e-9);
    assertThat(clipped.clip(width, height).iou(clipped)).isCloseTo(1, within(1e-6));
  }

  @Test
  void boxWithinTheImageIsClippedToItself() {
    BoundingBox box = new BoundingBox(1, 2, 3, 4);
    assertThat(box.clip(10, 10)).isEqualTo(box);
    assertThat(new BoundingBox(-5, -5, 20, 20).clip(10, 8)).isEqualTo(new BoundingBox(0, 0, 10, 8));
  }
}
