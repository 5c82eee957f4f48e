package io.facesearch;

import java.util.Arrays;

/**
 * Landmark points of one face in image pixels: either the 68 points of the iBUG 300-W scheme, or 5
 * points (left eye, right eye, nose tip, left and right corner of the mouth, as seen when the face
 * is upright), or none. Immutable and thread-safe.
 */
public final class Landmarks {
  /** No landmarks. */
  public static final Landmarks NONE = new Landmarks(new float[0]);

  private final float[] xy;

  private Landmarks(float[] xy) {
    this.xy = xy;
  }

  /**
   * Creates landmarks from interleaved coordinates.
   *
   * @param xy x0, y0, x1, y1, ... in pixels: 136 values (68 points), 10 values (5 points) or none;
   *     copied
   * @return the landmarks
   */
  public static Landmarks of(float... xy) {
    if (xy.length != 0 && xy.length != 10 && xy.length != 136) {
      throw new IllegalArgumentException(
          "landmarks need 68 points (136 values) or 5 points (10 values), but got "
              + xy.length
              + " values");
    }
    for (int i = 0; i < xy.length; i++) {
      if (!Float.isFinite(xy[i])) {
        throw new IllegalArgumentException("landmark value " + i + " is not finite: " + xy[i]);
      }
    }
    return xy.length == 0 ? NONE : new Landmarks(xy.clone());
  }

  /** {@return the number of points: 68, 5 or 0} */
  public int count() {
    return xy.length / 2;
  }

  /**
   * Returns the horizontal position of a point.
   *
   * @param point 0 to {@code count() - 1}
   * @return x in pixels
   */
  public float x(int point) {
    return xy[2 * point];
  }

  /**
   * Returns the vertical position of a point.
   *
   * @param point 0 to {@code count() - 1}
   * @return y in pixels
   */
  public float y(int point) {
    return xy[2 * point + 1];
  }

  /**
   * Converts to the 5-point scheme. From 68 points, the eyes are the means of points 36 to 41 and
   * 42 to 47, the nose tip is point 30, and the mouth corners are points 48 and 54.
   *
   * @return 5 points, or {@link #NONE} if there are none
   */
  public Landmarks toFivePoints() {
    if (count() != 68) {
      return this;
    }
    float[] five = new float[10];
    for (int eye = 0; eye < 2; eye++) {
      double sumX = 0;
      double sumY = 0;
      for (int p = 36 + 6 * eye; p < 42 + 6 * eye; p++) {
        sumX += x(p);
        sumY += y(p);
      }
      five[2 * eye] = (float) (sumX / 6);
      five[2 * eye + 1] = (float) (sumY / 6);
    }
    int[] others = {30, 48, 54};
    for (int i = 0; i < others.length; i++) {
      five[4 + 2 * i] = x(others[i]);
      five[5 + 2 * i] = y(others[i]);
    }
    return new Landmarks(five);
  }

  /** The points after the photo has been turned clockwise around its origin. */
  Landmarks turned(int degrees) {
    float[] turned = xy.clone();
    for (int t = 0; t < degrees; t += 90) {
      for (int i = 0; i < turned.length; i += 2) {
        float x = turned[i];
        turned[i] = -turned[i + 1];
        turned[i + 1] = x;
      }
    }
    return new Landmarks(turned);
  }

  /**
   * Returns the smallest box that contains all points.
   *
   * @return the box, in pixels
   * @throws IllegalStateException if there are no points, or they all lie on one line
   */
  public BoundingBox boundingBox() {
    float left = Float.POSITIVE_INFINITY;
    float top = Float.POSITIVE_INFINITY;
    float right = Float.NEGATIVE_INFINITY;
    float bottom = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count(); i++) {
      left = Math.min(left, x(i));
      right = Math.max(right, x(i));
      top = Math.min(top, y(i));
      bottom = Math.max(bottom, y(i));
    }
    if (!(right > left && bottom > top)) {
      throw new IllegalStateException(
          count() + " landmarks span no area, so they have no bounding box");
    }
    return new BoundingBox(left, top, right - left, bottom - top);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Landmarks that && Arrays.equals(xy, that.xy);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(xy);
  }

  @Override
  public String toString() {
    return "Landmarks[" + count() + " points]";
  }
}
