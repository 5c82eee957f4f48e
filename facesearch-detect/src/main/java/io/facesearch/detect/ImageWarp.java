package io.facesearch.detect;

import io.facesearch.FaceImage;
import java.nio.ByteBuffer;

/**
 * Samples a photo through an affine map. Where the photo is shrunk, the samples of one target pixel
 * are averaged over its footprint, so that nothing aliases; otherwise it is bilinear. Outside the
 * photo is black. Pixel centres lie on whole numbers.
 */
final class ImageWarp {
  /** A target pixel averages at most this many samples a side. */
  private static final int MAX_SAMPLES = 16;

  private ImageWarp() {}

  /**
   * Source position of target pixel (u, v): x = m[0] u + m[1] v + m[2], y = m[3] u + m[4] v + m[5].
   */
  interface Sink {
    void put(int pixel, float r, float g, float b);
  }

  static void sample(FaceImage image, double[] m, int width, int height, Sink sink) {
    ByteBuffer rgb = image.rgb();
    int w = image.width();
    int h = image.height();
    double scale = Math.sqrt(Math.abs(m[0] * m[4] - m[1] * m[3]));
    int n = (int) Math.max(1, Math.min(MAX_SAMPLES, Math.ceil(scale)));
    float share = 1f / (n * n);
    for (int v = 0, pixel = 0; v < height; v++) {
      for (int u = 0; u < width; u++, pixel++) {
        float r = 0;
        float g = 0;
        float b = 0;
        for (int j = 0; j < n; j++) {
          double vv = v + (j + 0.5) / n - 0.5;
          for (int i = 0; i < n; i++) {
            double uu = u + (i + 0.5) / n - 0.5;
            double x = m[0] * uu + m[1] * vv + m[2];
            double y = m[3] * uu + m[4] * vv + m[5];
            if (!(x > -1 && y > -1 && x < w && y < h)) {
              continue;
            }
            int x0 = (int) Math.floor(x);
            int y0 = (int) Math.floor(y);
            float fx = (float) (x - x0);
            float fy = (float) (y - y0);
            for (int c = 0; c < 4; c++) {
              int xx = x0 + (c & 1);
              int yy = y0 + (c >> 1);
              if (xx < 0 || yy < 0 || xx >= w || yy >= h) {
                continue;
              }
              float weight = ((c & 1) == 0 ? 1 - fx : fx) * (c < 2 ? 1 - fy : fy);
              int p = 3 * (yy * w + xx);
              r += weight * (rgb.get(p) & 0xff);
              g += weight * (rgb.get(p + 1) & 0xff);
              b += weight * (rgb.get(p + 2) & 0xff);
            }
          }
        }
        sink.put(pixel, r * share, g * share, b * share);
      }
    }
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
    sample(
        image,
        m,
        width,
        height,
        (pixel, r, g, b) -> {
          int i = pixel / width * stride + pixel % width;
          planes[i] = (r - mean[0]) / 255;
          planes[planeSize + i] = (g - mean[1]) / 255;
          planes[2 * planeSize + i] = (b - mean[2]) / 255;
        });
  }

  static FaceImage toImage(FaceImage image, double[] m, int width, int height) {
    byte[] out = new byte[3 * width * height];
    sample(
        image,
        m,
        width,
        height,
        (pixel, r, g, b) -> {
          out[3 * pixel] = (byte) Math.round(r);
          out[3 * pixel + 1] = (byte) Math.round(g);
          out[3 * pixel + 2] = (byte) Math.round(b);
        });
    return FaceImage.ofRgb(width, height, out);
  }

  /** The map that shows the rectangle (x, y, w, h) of the photo as a target of the given size. */
  static double[] crop(double x, double y, double w, double h, int width, int height) {
    double sx = w / width;
    double sy = h / height;
    return new double[] {sx, 0, x + sx / 2 - 0.5, 0, sy, y + sy / 2 - 0.5};
  }
}
