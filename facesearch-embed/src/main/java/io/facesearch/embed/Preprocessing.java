package io.facesearch.embed;

import io.facesearch.FaceImage;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Objects;

/**
 * How a model expects its pixels. A value v from 0 to 255 becomes {@code (v / 255 - mean) / std}
 * with the values of its channel, as with torchvision's ToTensor and Normalize. The same for
 * training and inference. Immutable and thread-safe.
 *
 * @param width of the image, pixels
 * @param height of the image, pixels
 * @param mean means of R, G and B, for values from 0 to 1
 * @param std standard deviations of R, G and B, for values from 0 to 1
 * @param channels the order of the channels
 * @param layout the position of the channels in the input
 */
public record Preprocessing(
    int width,
    int height,
    List<Float> mean,
    List<Float> std,
    ChannelOrder channels,
    Layout layout) {

  /** The order of the channels. */
  public enum ChannelOrder {
    /** Red first: most networks. */
    RGB,
    /** Blue first: networks trained on images read by OpenCV. */
    BGR
  }

  /** The position of the channels in the input. */
  public enum Layout {
    /** N x 3 x height x width: PyTorch and most ONNX files. */
    NCHW,
    /** N x height x width x 3: ONNX files converted from TensorFlow. */
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
   * Creates preprocessing with the mean and standard deviation of ImageNet, as torchvision's
   * networks expect it.
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
   * {@return preprocessing to values from -1 to 1 on 112x112 pixels, RGB, NCHW, as networks of the
   * ArcFace family expect it}
   */
  public static Preprocessing arcFace() {
    List<Float> half = List.of(0.5f, 0.5f, 0.5f);
    return new Preprocessing(112, 112, half, half, ChannelOrder.RGB, Layout.NCHW);
  }

  /**
   * Scales an image to the size of the input without keeping its proportions: bilinear, with
   * averaging when it shrinks, like torchvision's Resize of Pillow images (to within 1 of 255).
   *
   * @param image an image of any size
   * @return the scaled image, or the image itself if it has the right size
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
   * Writes the preprocessed pixels of an image.
   *
   * @param image an image of the size of the input; see {@link #resize}
   * @param mirrored whether to swap left and right
   * @param target the buffer to write to
   * @param offset index of the first of {@code 3 * width * height} values
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
