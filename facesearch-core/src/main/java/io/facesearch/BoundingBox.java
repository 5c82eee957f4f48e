package io.facesearch;

/**
 * An axis-aligned rectangle in image pixels, origin at the top left corner of the image. It may
 * extend beyond the image; {@link #clip} cuts it off. Immutable and thread-safe.
 *
 * @param x left edge, pixels, finite
 * @param y top edge, pixels, finite
 * @param width pixels, finite and greater than 0
 * @param height pixels, finite and greater than 0
 */
public record BoundingBox(double x, double y, double width, double height) {

  /** Checks that every value is finite and that the sides are positive. */
  public BoundingBox {
    if (!Double.isFinite(x)
        || !Double.isFinite(y)
        || !(width > 0 && width < Double.POSITIVE_INFINITY)
        || !(height > 0 && height < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "a bounding box needs finite x, y and positive finite width, height, but is: x="
              + x
              + ", y="
              + y
              + ", width="
              + width
              + ", height="
              + height);
    }
  }

  /** {@return the right edge, x + width, in pixels} */
  public double right() {
    return x + width;
  }

  /** {@return the bottom edge, y + height, in pixels} */
  public double bottom() {
    return y + height;
  }

  /** {@return the x of the center in pixels} */
  public double centerX() {
    return x + width / 2;
  }

  /** {@return the y of the center in pixels} */
  public double centerY() {
    return y + height / 2;
  }

  /** {@return width times height in square pixels} */
  public double area() {
    return width * height;
  }

  /**
   * Computes the intersection over union (Jaccard index) with another box.
   *
   * @param other the other box
   * @return 0 (disjoint) to 1 (equal)
   */
  public double iou(BoundingBox other) {
    double w = Math.min(right(), other.right()) - Math.max(x, other.x);
    double h = Math.min(bottom(), other.bottom()) - Math.max(y, other.y);
    if (w <= 0 || h <= 0) {
      return 0;
    }
    double intersection = w * h;
    return intersection / (area() + other.area() - intersection);
  }

  /**
   * Returns a square with the same center, whose side is the longer side of this box times a
   * factor.
   *
   * @param factor greater than 0; 1 keeps the longer side
   * @return a square box
   */
  public BoundingBox square(double factor) {
    double side = Math.max(width, height) * factor;
    return new BoundingBox(centerX() - side / 2, centerY() - side / 2, side, side);
  }

  /**
   * Returns the part of this box that lies inside an image.
   *
   * @param imageWidth pixels
   * @param imageHeight pixels
   * @return the clipped box
   * @throws IllegalArgumentException if the box lies entirely outside
   */
  public BoundingBox clip(int imageWidth, int imageHeight) {
    double left = Math.max(0, x);
    double top = Math.max(0, y);
    double w = Math.min(imageWidth, right()) - left;
    double h = Math.min(imageHeight, bottom()) - top;
    if (w <= 0 || h <= 0) {
      throw new IllegalArgumentException(
          this + " lies outside the image of " + imageWidth + "x" + imageHeight + " pixels");
    }
    return new BoundingBox(left, top, w, h);
  }
}
