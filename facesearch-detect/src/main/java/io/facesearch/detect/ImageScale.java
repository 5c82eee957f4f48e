package io.facesearch.detect;

import io.facesearch.FaceImage;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Resizes 8-bit RGB as OpenCV does (within 1 level): by area where it shrinks, so that nothing
 * aliases, bilinear where it grows.
 */
final class ImageScale {
  private ImageScale() {}

  /** Averages over the area that each target pixel covers; bilinear if a side grows. */
  static FaceImage area(FaceImage image, int width, int height) {
    if (width == image.width() && height == image.height()) {
      return image;
    }
    if (width > image.width() || height > image.height()) {
      return bilinear(image, width, height);
    }
    return FaceImage.ofRgb(width, height, pixels(image, width, height));
  }

  /** The same as R, G, B, row by row; no side may grow. */
  static byte[] pixels(FaceImage image, int width, int height) {
    ByteBuffer rgb = image.rgb();
    int w = image.width();
    int h = image.height();
    Cover columns = new Cover(w, width);
    Cover rows = new Cover(h, height);
    byte[] source = new byte[3 * w];
    float[] sum = new float[3 * w];
    byte[] target = new byte[3 * width * height];
    // Rows first: they are added whole, and only the sums are gone through by columns.
    for (int y = 0; y < height; y++) {
      Arrays.fill(sum, 0);
      for (int v = rows.first[y]; v < rows.end[y]; v++) {
        rgb.get(3 * v * w, source);
        add(source, rows.weight(y, v), sum);
      }
      columns(sum, columns, target, 3 * y * width);
    }
    return target;
  }

  private static void add(byte[] source, float weight, float[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += weight * (source[i] & 0xff);
    }
  }

  private static void columns(float[] sum, Cover columns, byte[] target, int offset) {
    int to = offset;
    for (int x = 0; x < columns.first.length; x++) {
      int first = columns.first[x];
      int end = columns.end[x];
      float r = 0;
      float g = 0;
      float b = 0;
      for (int u = first, i = 3 * first; u < end; u++, i += 3) {
        float weight = columns.weight(x, u);
        r += weight * sum[i];
        g += weight * sum[i + 1];
        b += weight * sum[i + 2];
      }
      target[to++] = (byte) (int) (r + 0.5f);
      target[to++] = (byte) (int) (g + 0.5f);
      target[to++] = (byte) (int) (b + 0.5f);
    }
  }

  /** Which source pixels each target pixel covers, and by how much, along one axis. */
  private static final class Cover {
    /** The first source pixel of each target pixel. */
    final int[] first;

    /** One behind the last source pixel of each target pixel. */
    final int[] end;

    private final float[] firstWeight;
    private final float[] lastWeight;
    private final float inner;

    Cover(int from, int to) {
      double scale = (double) from / to;
      first = new int[to];
      end = new int[to];
      firstWeight = new float[to];
      lastWeight = new float[to];
      inner = (float) (1 / scale);
      for (int i = 0; i < to; i++) {
        double start = i * scale;
        double stop = Math.min(from, (i + 1) * scale);
        // Not for a hair of a pixel, which is rounding.
        first[i] = Math.min(from - 1, (int) (start + 1e-6));
        end[i] = Math.max(first[i] + 1, (int) Math.ceil(stop - 1e-6));
        firstWeight[i] = (float) ((Math.min(stop, first[i] + 1.0) - start) / scale);
        lastWeight[i] = (float) ((stop - Math.max(start, end[i] - 1.0)) / scale);
      }
    }

    float weight(int target, int source) {
      if (source == first[target]) {
        return firstWeight[target];
      }
      return source == end[target] - 1 ? lastWeight[target] : inner;
    }
  }

  /** Interpolates between the four nearest pixels; the border's pixels are repeated. */
  static FaceImage bilinear(FaceImage image, int width, int height) {
    int w = image.width();
    int h = image.height();
    ByteBuffer rgb = image.rgb();
    int[] left = new int[width];
    int[] right = new int[width];
    float[] share = new float[width];
    for (int x = 0; x < width; x++) {
      double at = (x + 0.5) * w / width - 0.5;
      int x0 = (int) Math.floor(at);
      share[x] = (float) (at - x0);
      left[x] = 3 * Math.max(0, x0);
      right[x] = 3 * Math.min(w - 1, x0 + 1);
    }
    byte[] upper = new byte[3 * w];
    byte[] lower = new byte[3 * w];
    byte[] target = new byte[3 * width * height];
    for (int y = 0, to = 0; y < height; y++) {
      double at = (y + 0.5) * h / height - 0.5;
      int y0 = (int) Math.floor(at);
      float down = (float) (at - y0);
      rgb.get(3 * w * Math.max(0, y0), upper);
      rgb.get(3 * w * Math.min(h - 1, y0 + 1), lower);
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          float a = mix(upper[left[x] + c], upper[right[x] + c], share[x]);
          float b = mix(lower[left[x] + c], lower[right[x] + c], share[x]);
          target[to++] = (byte) (int) (a + down * (b - a) + 0.5f);
        }
      }
    }
    return FaceImage.ofRgb(width, height, target);
  }

  private static float mix(byte a, byte b, float share) {
    int from = a & 0xff;
    return from + share * ((b & 0xff) - from);
  }
}
