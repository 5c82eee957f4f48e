package io.facesearch.embed;

import io.facesearch.FaceImage;
import java.nio.ByteBuffer;

/**
 * Scales images as Pillow does with its bilinear filter, which averages where it shrinks: rows
 * first, then columns, rounded to bytes between.
 */
final class ImageResize {
  private ImageResize() {}

  static FaceImage resize(FaceImage image, int width, int height) {
    if (image.width() == width && image.height() == height) {
      return image;
    }
    byte[] rgb = new byte[3 * image.width() * image.height()];
    ByteBuffer source = image.rgb();
    source.get(rgb);
    byte[] rows = rows(rgb, image.height(), image.width(), width);
    byte[] all = columns(rows, width, image.height(), height);
    return FaceImage.ofRgb(width, height, all);
  }

  /** Weights of the source pixels of one target pixel. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Filter(int first, float[] weights) {}

  private static Filter[] filters(int from, int to) {
    double scale = (double) from / to;
    double support = Math.max(1, scale);
    Filter[] filters = new Filter[to];
    for (int i = 0; i < to; i++) {
      double center = (i + 0.5) * scale;
      int first = (int) Math.max(0, Math.floor(center - support + 0.5));
      int end = (int) Math.min(from, Math.floor(center + support + 0.5));
      float[] weights = new float[end - first];
      double sum = 0;
      for (int k = 0; k < weights.length; k++) {
        double distance = Math.abs((first + k + 0.5 - center) / support);
        weights[k] = (float) Math.max(0, 1 - distance);
        sum += weights[k];
      }
      for (int k = 0; k < weights.length; k++) {
        weights[k] /= (float) sum;
      }
      filters[i] = new Filter(first, weights);
    }
    return filters;
  }

  private static byte[] rows(byte[] rgb, int height, int from, int to) {
    Filter[] filters = filters(from, to);
    byte[] result = new byte[3 * height * to];
    for (int y = 0; y < height; y++) {
      for (int i = 0; i < to; i++) {
        for (int c = 0; c < 3; c++) {
          float sum = 0;
          int at = 3 * (y * from + filters[i].first) + c;
          for (float weight : filters[i].weights) {
            sum += weight * (rgb[at] & 0xff);
            at += 3;
          }
          result[3 * (y * to + i) + c] = (byte) Math.round(sum);
        }
      }
    }
    return result;
  }

  private static byte[] columns(byte[] rgb, int width, int from, int to) {
    Filter[] filters = filters(from, to);
    int row = 3 * width;
    byte[] result = new byte[to * row];
    for (int i = 0; i < to; i++) {
      for (int x = 0; x < row; x++) {
        float sum = 0;
        int at = filters[i].first * row + x;
        for (float weight : filters[i].weights) {
          sum += weight * (rgb[at] & 0xff);
          at += row;
        }
        result[i * row + x] = (byte) Math.round(sum);
      }
    }
    return result;
  }
}
