package io.facesearch.detect;

import io.facesearch.FaceImage;
import java.util.Optional;

/**
 * Samples a photo through an affine map, bilinear; where the photo is shrunk to half or less, the
 * part of it that is seen is shrunk by area first, so that nothing aliases. Outside the photo is
 * black. Pixel centers lie on whole numbers.
 */
final class ImageWarp {
  /** From this many photo pixels a target pixel on, the photo is shrunk first. */
  private static final double SHRINK = 2;

  /** A shrunk photo has at most this many pixels a side more than the target needs. */
  private static final int BORDER = 2;

  private ImageWarp() {}

  /**
   * Samples to R, G, B, row by row. Source position of target pixel (u, v): x = m[0] u + m[1] v +
   * m[2], y = m[3] u + m[4] v + m[5].
   */
  static byte[] sample(FaceImage image, double[] m, int width, int height) {
    double scale = Math.sqrt(Math.abs(m[0] * m[4] - m[1] * m[3]));
    Optional<FaceImage> half = scale >= 2 * SHRINK ? image.half() : Optional.empty();
    if (half.isPresent()) {
      // It is what the photo would be shrunk to on the way.
      double[] halved = {
        m[0] / 2, m[1] / 2, (m[2] - 0.5) / 2, m[3] / 2, m[4] / 2, (m[5] - 0.5) / 2
      };
      return sample(half.get(), halved, width, height);
    }
    // The part of the photo that is seen, with a border for the interpolation.
    double[] xs = range(m[0] * (width - 1), m[1] * (height - 1), m[2]);
    double[] ys = range(m[3] * (width - 1), m[4] * (height - 1), m[5]);
    double border = BORDER * Math.max(1, scale);
    int left = (int) Math.max(0, Math.floor(xs[0] - border));
    int top = (int) Math.max(0, Math.floor(ys[0] - border));
    int right = (int) Math.min(image.width(), Math.ceil(xs[1] + border) + 1);
    int bottom = (int) Math.min(image.height(), Math.ceil(ys[1] + border) + 1);
    byte[] target = new byte[3 * width * height];
    if (right <= left || bottom <= top) {
      return target;
    }
    int w = right - left;
    int h = bottom - top;
    if (scale < SHRINK) {
      double[] moved = {m[0], m[1], m[2] - left, m[3], m[4], m[5] - top};
      bilinear(pixels(image, left, top, w, h), w, h, moved, target, width, height);
      return target;
    }
    int sw = (int) Math.max(1, Math.round(w / scale));
    int sh = (int) Math.max(1, Math.round(h / scale));
    double fx = (double) sw / w;
    double fy = (double) sh / h;
    double[] shrunk = {
      m[0] * fx, m[1] * fx, (m[2] - left + 0.5) * fx - 0.5,
      m[3] * fy, m[4] * fy, (m[5] - top + 0.5) * fy - 0.5
    };
    byte[] part = ImageScale.pixels(image.part(left, top, w, h), sw, sh);
    bilinear(part, sw, sh, shrunk, target, width, height);
    return target;
  }

  private static double[] range(double a, double b, double offset) {
    return new double[] {
      offset + Math.min(0, a) + Math.min(0, b), offset + Math.max(0, a) + Math.max(0, b)
    };
  }

  private static byte[] pixels(FaceImage image, int left, int top, int w, int h) {
    byte[] part = new byte[3 * w * h];
    image.part(left, top, w, h).rgb().get(part);
    return part;
  }

  private static void bilinear(
      byte[] rgb, int w, int h, double[] m, byte[] target, int width, int height) {
    int to = 0;
    for (int v = 0; v < height; v++) {
      double rowX = m[1] * v + m[2];
      double rowY = m[4] * v + m[5];
      for (int u = 0; u < width; u++, to += 3) {
        double x = m[0] * u + rowX;
        double y = m[3] * u + rowY;
        if (!(x > -1 && y > -1 && x < w && y < h)) {
          continue;
        }
        int x0 = (int) (x + 1) - 1;
        int y0 = (int) (y + 1) - 1;
        float fx = (float) (x - x0);
        float fy = (float) (y - y0);
        float nw = (1 - fx) * (1 - fy);
        float ne = fx * (1 - fy);
        float sw = (1 - fx) * fy;
        float se = fx * fy;
        int p = 3 * (y0 * w + x0);
        if (x0 >= 0 && y0 >= 0 && x0 < w - 1 && y0 < h - 1) {
          int q = p + 3 * w;
          target[to] = mix(rgb[p], rgb[p + 3], rgb[q], rgb[q + 3], nw, ne, sw, se);
          target[to + 1] = mix(rgb[p + 1], rgb[p + 4], rgb[q + 1], rgb[q + 4], nw, ne, sw, se);
          target[to + 2] = mix(rgb[p + 2], rgb[p + 5], rgb[q + 2], rgb[q + 5], nw, ne, sw, se);
          continue;
        }
        // On the edge: what lies outside is black.
        boolean west = x0 >= 0;
        boolean east = x0 < w - 1;
        boolean north = y0 >= 0;
        boolean south = y0 < h - 1;
        for (int c = 0; c < 3; c++, p++) {
          byte a = west && north ? rgb[p] : 0;
          byte b = east && north ? rgb[p + 3] : 0;
          byte d = west && south ? rgb[p + 3 * w] : 0;
          byte e = east && south ? rgb[p + 3 * w + 3] : 0;
          target[to + c] = mix(a, b, d, e, nw, ne, sw, se);
        }
      }
    }
  }

  private static byte mix(byte a, byte b, byte c, byte d, float wa, float wb, float wc, float wd) {
    float sum = wa * (a & 0xff) + wb * (b & 0xff) + wc * (c & 0xff) + wd * (d & 0xff);
    return (byte) (int) (sum + 0.5f);
  }

  /** Samples to planes R, G, B of {@code (value - mean) / 255}, row stride {@code stride}. */
  static void toPlanes(
      FaceImage image,
      double[] m,
      int width,
      int height,
      int stride,
      int planeSize,
      float[] mean,
      float[] planes) {
    byte[] rgb = sample(image, m, width, height);
    for (int y = 0, from = 0; y < height; y++) {
      for (int i = y * stride; i < y * stride + width; i++, from += 3) {
        planes[i] = ((rgb[from] & 0xff) - mean[0]) / 255;
        planes[planeSize + i] = ((rgb[from + 1] & 0xff) - mean[1]) / 255;
        planes[2 * planeSize + i] = ((rgb[from + 2] & 0xff) - mean[2]) / 255;
      }
    }
  }

  static FaceImage toImage(FaceImage image, double[] m, int width, int height) {
    return FaceImage.ofRgb(width, height, sample(image, m, width, height));
  }

  /** The map that shows the rectangle (x, y, w, h) of the photo as a target of the given size. */
  static double[] crop(double x, double y, double w, double h, int width, int height) {
    double sx = w / width;
    double sy = h / height;
    return new double[] {sx, 0, x + sx / 2 - 0.5, 0, sy, y + sy / 2 - 0.5};
  }
}
