package io.facesearch.train;

import java.nio.FloatBuffer;
import java.util.SplittableRandom;

/**
 * Random changes of training images, applied after normalization. Erased pixels become 0, which is
 * the mean color. Immutable and thread-safe.
 *
 * <p>Random erasing (Zhong et al., 2017): a rectangle of 2 to 33 % of the area, 0.3 to 3.3 times as
 * high as wide, is erased. Coarse dropout (DeVries and Taylor, 2017): 1 to 8 squares of 8/218 of
 * the longer side are erased.
 *
 * @param flip probability of swapping left and right
 * @param erasing probability of random erasing
 * @param dropout probability of coarse dropout
 */
public record Augmentation(double flip, double erasing, double dropout) {
  /** No changes. */
  public static final Augmentation NONE = new Augmentation(0, 0, 0);

  /** Random erasing with probability 0.5, coarse dropout with probability 0.3. */
  public static final Augmentation OCCLUSION = new Augmentation(0, 0.5, 0.3);

  private static final double LEAST_AREA = 0.02;
  private static final double MOST_AREA = 0.33;
  private static final double FLATTEST = 0.3;
  private static final double STEEPEST = 3.3;
  private static final int ATTEMPTS = 10;
  private static final int MOST_HOLES = 8;
  private static final double HOLE = 8 / 218.0;

  /** Checks that probabilities are 0 to 1. */
  public Augmentation {
    for (double p : new double[] {flip, erasing, dropout}) {
      if (!(p >= 0 && p <= 1)) {
        throw new IllegalArgumentException("a probability must be 0 to 1, but is: " + p);
      }
    }
  }

  boolean flips(SplittableRandom random) {
    return random.nextDouble() < flip;
  }

  /** Erases parts of 3 x height x width values. */
  void erase(FloatBuffer values, int offset, int width, int height, SplittableRandom random) {
    if (random.nextDouble() < erasing) {
      eraseRectangle(values, offset, width, height, random);
    }
    if (random.nextDouble() < dropout) {
      int side = (int) Math.max(1, Math.round(HOLE * Math.max(width, height)));
      int holes = random.nextInt(1, MOST_HOLES + 1);
      for (int i = 0; i < holes; i++) {
        int w = Math.min(side, width);
        int h = Math.min(side, height);
        int left = random.nextInt(width - w + 1);
        fill(values, offset, width, height, left, random.nextInt(height - h + 1), w, h);
      }
    }
  }

  private static void eraseRectangle(
      FloatBuffer values, int offset, int width, int height, SplittableRandom random) {
    for (int i = 0; i < ATTEMPTS; i++) {
      double area = random.nextDouble(LEAST_AREA, MOST_AREA) * width * height;
      double ratio = Math.exp(random.nextDouble(Math.log(FLATTEST), Math.log(STEEPEST)));
      int h = (int) Math.round(Math.sqrt(area * ratio));
      int w = (int) Math.round(Math.sqrt(area / ratio));
      if (h > 0 && w > 0 && h < height && w < width) {
        int left = random.nextInt(width - w + 1);
        fill(values, offset, width, height, left, random.nextInt(height - h + 1), w, h);
        return;
      }
    }
  }

  private static void fill(
      FloatBuffer values, int offset, int width, int height, int left, int top, int w, int h) {
    float[] zeros = new float[w];
    for (int c = 0; c < 3; c++) {
      for (int y = top; y < top + h; y++) {
        values.put(offset + (c * height + y) * width + left, zeros);
      }
    }
  }
}
