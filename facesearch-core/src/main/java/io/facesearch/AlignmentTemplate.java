package io.facesearch;

/**
 * The input that a model expects: the size of the chip, and where the landmarks of the face lie in
 * it. A model trained on plain crops has no anchors; its chip is the face's box plus a margin.
 * Immutable and thread-safe.
 */
public final class AlignmentTemplate {
  private final String name;
  private final int width;
  private final int height;
  private final int scheme;
  private final int[] points;
  private final float[] targets;
  private final double margin;

  private AlignmentTemplate(
      String name,
      int width,
      int height,
      int scheme,
      int[] points,
      float[] targets,
      double margin) {
    if (width < 1 || width > 4096 || height < 1 || height > 4096) {
      throw new IllegalArgumentException(
          "a chip must be 1 to 4096 pixels wide and high, but is: " + width + "x" + height);
    }
    if (!(margin >= 0 && margin <= 4)) {
      throw new IllegalArgumentException("margin must be between 0 and 4, but is: " + margin);
    }
    if (targets.length != 2 * points.length || points.length == 1) {
      throw new IllegalArgumentException(
          "a template needs at least 2 anchors with x and y each, but got "
              + points.length
              + " points and "
              + targets.length
              + " values");
    }
    for (int p : points) {
      if (p < 0 || p >= scheme) {
        throw new IllegalArgumentException(
            "anchor " + p + " is not a point of the " + scheme + "-point scheme");
      }
    }
    this.name = name;
    this.width = width;
    this.height = height;
    this.scheme = scheme;
    this.points = points.clone();
    this.targets = targets.clone();
    this.margin = margin;
  }

  /**
   * Creates a template with anchors.
   *
   * @param name shown in messages and model cards
   * @param width of the chip, pixels
   * @param height of the chip, pixels
   * @param scheme 68 or 5, the landmark scheme the anchors belong to
   * @param points indices of landmarks
   * @param targets x0, y0, x1, y1, ...: where those landmarks go, in pixels of the chip
   * @param margin used for faces without landmarks: share of the box added on each side
   * @return the template
   */
  public static AlignmentTemplate anchored(
      String name,
      int width,
      int height,
      int scheme,
      int[] points,
      float[] targets,
      double margin) {
    if (scheme != 68 && scheme != 5) {
      throw new IllegalArgumentException("the scheme must be 68 or 5 points, but is: " + scheme);
    }
    return new AlignmentTemplate(name, width, height, scheme, points, targets, margin);
  }

  /**
   * Creates a template without anchors: the box of the face, widened by a margin.
   *
   * @param name shown in messages and model cards
   * @param width of the chip, pixels
   * @param height of the chip, pixels
   * @param margin share of the box added on each side, 0 to 4
   * @return the template
   */
  public static AlignmentTemplate box(String name, int width, int height, double margin) {
    return new AlignmentTemplate(name, width, height, 0, new int[0], new float[0], margin);
  }

  /**
   * {@return {@code arcface_112}, the template of ArcFace and of most networks since: 112x112
   * pixels, five landmarks}
   *
   * @see <a href="https://arxiv.org/abs/1801.07698">Deng et al., ArcFace: additive angular margin
   *     loss for deep face recognition, 2018</a>
   */
  public static AlignmentTemplate arcFace112() {
    return anchored(
        "arcface_112",
        112,
        112,
        5,
        new int[] {0, 1, 2, 3, 4},
        new float[] {
          38.2946f, 51.6963f, // left eye
          73.5318f, 51.5014f, // right eye
          56.0252f, 71.7366f, // nose
          41.5493f, 92.3655f, // left corner of the mouth
          70.7299f, 92.2041f // right corner
        },
        0.1);
  }

  /**
   * Scales this template to a chip of another size.
   *
   * @param toWidth pixels
   * @param toHeight pixels
   * @return a template whose name ends with its size
   */
  public AlignmentTemplate resized(int toWidth, int toHeight) {
    float[] scaled = targets.clone();
    for (int i = 0; i < scaled.length; i += 2) {
      scaled[i] *= (float) toWidth / width;
      scaled[i + 1] *= (float) toHeight / height;
    }
    String newName = name.replaceFirst("_?\\d+(x\\d+)?$", "") + "_" + toWidth + "x" + toHeight;
    return new AlignmentTemplate(newName, toWidth, toHeight, scheme, points, scaled, margin);
  }

  /** {@return the name that messages and model cards show} */
  public String name() {
    return name;
  }

  /** {@return the width of the chip in pixels} */
  public int width() {
    return width;
  }

  /** {@return the height of the chip in pixels} */
  public int height() {
    return height;
  }

  /** {@return the landmark scheme of the anchors: 68, 5, or 0 without anchors} */
  public int scheme() {
    return scheme;
  }

  /** {@return the number of anchors; 0 for a box template} */
  public int anchors() {
    return points.length;
  }

  /**
   * Returns the landmark that an anchor belongs to.
   *
   * @param anchor 0 to {@code anchors() - 1}
   * @return index of the landmark in its scheme
   */
  public int point(int anchor) {
    return points[anchor];
  }

  /**
   * Returns the horizontal position of an anchor.
   *
   * @param anchor 0 to {@code anchors() - 1}
   * @return x in pixels of the chip
   */
  public float targetX(int anchor) {
    return targets[2 * anchor];
  }

  /**
   * Returns the vertical position of an anchor.
   *
   * @param anchor 0 to {@code anchors() - 1}
   * @return y in pixels of the chip
   */
  public float targetY(int anchor) {
    return targets[2 * anchor + 1];
  }

  /** {@return the margin for faces without landmarks, as a share of the box added on each side} */
  public double margin() {
    return margin;
  }

  @Override
  public String toString() {
    return name + " (" + width + "x" + height + ", " + points.length + " anchors)";
  }
}
