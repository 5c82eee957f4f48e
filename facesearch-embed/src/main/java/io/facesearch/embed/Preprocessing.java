package io.facesearch.embed;

import io.facesearch.FaceImage;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Objects;

/**
 * How a model wants its pixels. A value v of 0..255 becomes {@code (v / 255 - mean) / std} of its
 * channel, as torchvision's ToTensor and Normalize make it. The same for training and inference.
 * Immutable and thread-safe.
 *
 * @param width of the image, pixels
 * @param height of the image, pixels
 * @param mean of R, G and B, of values in 0..1
 * @param std standard deviation of R, G and B, of values in 0..1
 * @param channels in which order the network takes them
 * @param layout where the channels lie in the input
 */
public record Preprocessing(
    int width,
    int height,
    List<Float> mean,
    List<Float> std,
    ChannelOrder channels,
    Layout layout) {

  /** In which order a network takes the channels. */
  public enum ChannelOrder {
    /** Red first: most networks. */
    RGB,
    /** Blue first: networks trained on images read by OpenCV. */
    BGR
  }

  /** Where the channels lie. */
  public enum Layout {
    /** N x 3 x height x width: PyTorch and most ONNX files. */
    NCHW,
    /** N x height x width x 3: ONNX files made from TensorFlow. */
    NHWC
  }

  /** Checks the ranges. */
  public Preprocessing {
    if (width < 1 || width > 4096 || height < 1 || height > 4096) {
      throw new IllegalArgumentException(
          "an input must be 1 to 4096 pixels wide and high, but is: " + width + "x" + height);
    }
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (mean.size() != 3 || std.size() != 3) {
      throw new IllegalArgumentException(
          "mean and std need 3 values each, but are: " + mean + " and " + std);
    }
    for (float value : mean) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("mean must be finite, but is: " + mean);
      }
    }
    for (float value : std) {
      if (!(value > 0 && value < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("std must be finite and above 0, but is: " + std);
      }
    }
    Objects.requireNonNull(channels, "channels");
    Objects.requireNonNull(layout, "layout");
  }

  /**
   * With mean and standard deviation of ImageNet, as torchvision's networks want it.
   *
   * @param width pixels
   * @param height pixels
   * @return RGB, NCHW
   */
  public static Preprocessing imageNet(int width, int height) {
    return new Preprocessing(
        width,
        height,
        List.of(0.485f, 0.456f, 0.406f),
        List.of(0.229f, 0.224f, 0.225f),
        ChannelOrder.RGB,
        Layout.NCHW);
  }

  /**
   * Values of -1 to 1 on 112x112 pixels, as networks of the ArcFace family want it.
   *
   * @return RGB, NCHW
   */
  public static Preprocessing arcFace() {
    List<Float> half = List.of(0.5f, 0.5f, 0.5f);
    return new Preprocessing(112, 112, half, half, ChannelOrder.RGB, Layout.NCHW);
  }

  /**
   * Scales an image to the size of the input, without keeping its proportions: bilinear, averaging
   * where it shrinks, as torchvision's Resize does with images of Pillow (within 1 of 255).
   *
   * @param image any size
   * @return the image itself if it fits
   */
  public FaceImage resize(FaceImage image) {
    return ImageResize.resize(image, width, height);
  }

  /** Number of values that an image becomes. */
  int size() {
    return 3 * width * height;
  }

  /** Shape of one image. */
  long[] shape() {
    return layout == Layout.NCHW ? new long[] {3, height, width} : new long[] {height, width, 3};
  }

  /**
   * Writes an image as the network takes it.
   *
   * @param image of the size of the input; see {@link #resize}
   * @param mirrored whether left and right are exchanged
   * @param target where to
   * @param offset first index to write; {@code 3 * width * height} values follow
   * @throws IllegalArgumentException if the image has another size
   */
  public void write(FaceImage image, boolean mirrored, FloatBuffer target, int offset) {
    if (image.width() != width || image.height() != height) {
      throw new IllegalArgumentException(
          "expected an image of "
              + width
              + "x"
              + height
              + " pixels, but got "
              + image.width()
              + "x"
              + image.height());
    }
    float[][] values = table();
    ByteBuffer rgb = image.rgb();
    byte[] bytes = new byte[3 * width];
    float[] row = new float[3 * width];
    boolean planes = layout == Layout.NCHW;
    for (int y = 0; y < height; y++) {
      rgb.get(3 * y * width, bytes);
      for (int c = 0; c < 3; c++) {
        int slot = channels == ChannelOrder.RGB ? c : 2 - c;
        int first = planes ? slot * width : slot;
        int step = planes ? 1 : 3;
        if (mirrored) {
          first += step * (width - 1);
          step = -step;
        }
        float[] value = values[c];
        for (int from = c, to = first; from < bytes.length; from += 3, to += step) {
          row[to] = value[bytes[from] & 0xff];
        }
      }
      if (planes) {
        for (int c = 0; c < 3; c++) {
          target.put(offset + (c * height + y) * width, row, c * width, width);
        }
      } else {
        target.put(offset + 3 * y * width, row);
      }
    }
  }

  /** What each byte of R, G and B becomes. */
  private float[][] table() {
    float[][] table = new float[3][256];
    for (int c = 0; c < 3; c++) {
      for (int v = 0; v < 256; v++) {
        table[c][v] = (v / 255f - mean.get(c)) / std.get(c);
      }
    }
    return table;
  }
}
