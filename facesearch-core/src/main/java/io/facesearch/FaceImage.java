package io.facesearch;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A photo as RGB, 8 bits a channel, row by row from the top left, upright (EXIF orientation
 * applied). Immutable and thread-safe. It takes {@code 3 * width * height} bytes of heap.
 *
 * <p>The {@code read} methods use {@link FaceImageReader#DEFAULT}; make a reader of your own to
 * change its limits.
 */
public final class FaceImage {
  private final int width;
  private final int height;
  private final byte[] rgb;

  private FaceImage(int width, int height, byte[] rgb) {
    this.width = width;
    this.height = height;
    this.rgb = rgb;
  }

  /** Takes over an array that nobody else holds. */
  static FaceImage wrap(int width, int height, byte[] rgb) {
    return new FaceImage(width, height, rgb);
  }

  /**
   * Makes an image from raw pixels.
   *
   * @param width pixels, at least 1
   * @param height pixels, at least 1
   * @param rgb {@code 3 * width * height} bytes R, G, B, row by row; copied
   * @return the image
   * @throws IllegalArgumentException if a side is less than 1, or the array is of another length
   */
  public static FaceImage ofRgb(int width, int height, byte[] rgb) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "an image must be at least 1x1 pixels, but is: " + width + "x" + height);
    }
    if (rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "an image of "
              + width
              + "x"
              + height
              + " pixels needs "
              + 3L * width * height
              + " bytes of RGB, but got "
              + rgb.length);
    }
    return new FaceImage(width, height, rgb.clone());
  }

  /**
   * Converts an image of java.awt. Alpha is laid on white.
   *
   * @param image any type
   * @return the image
   */
  public static FaceImage of(BufferedImage image) {
    return FaceImageReader.toRgb(image);
  }

  /**
   * Reads an image file.
   *
   * @param file JPEG, PNG, GIF, BMP, TIFF, WebP, or any format for which an ImageIO plug-in is
   *     there
   * @return the image, upright
   * @throws ImageFormatException if it is not a readable image, or too large
   * @throws IOException if the file cannot be read
   */
  public static FaceImage read(Path file) throws IOException {
    return FaceImageReader.DEFAULT.read(file);
  }

  /**
   * Reads an encoded image.
   *
   * @param encoded the bytes of an image file
   * @return the image, upright
   * @throws ImageFormatException if it is not a readable image, or too large
   */
  public static FaceImage read(byte[] encoded) {
    return FaceImageReader.DEFAULT.read(encoded, "byte[" + encoded.length + "]");
  }

  /**
   * Reads an encoded image to the end of the stream. The caller closes the stream.
   *
   * @param stream the bytes of an image file
   * @return the image, upright
   * @throws ImageFormatException if it is not a readable image, or too large
   * @throws IOException if the stream cannot be read
   */
  public static FaceImage read(InputStream stream) throws IOException {
    return FaceImageReader.DEFAULT.read(stream, "stream");
  }

  /**
   * Width.
   *
   * @return pixels
   */
  public int width() {
    return width;
  }

  /**
   * Height.
   *
   * @return pixels
   */
  public int height() {
    return height;
  }

  /**
   * The pixels, without a copy.
   *
   * @return a read-only view of {@code 3 * width * height} bytes R, G, B, row by row
   */
  public ByteBuffer rgb() {
    return ByteBuffer.wrap(rgb).asReadOnlyBuffer();
  }

  /**
   * One pixel.
   *
   * @param x column
   * @param y row
   * @return 0xRRGGBB
   */
  public int rgb(int x, int y) {
    if (x < 0 || x >= width || y < 0 || y >= height) {
      throw new IndexOutOfBoundsException(
          "pixel " + x + "," + y + " is outside the image of " + width + "x" + height);
    }
    int i = 3 * (y * width + x);
    return (rgb[i] & 0xff) << 16 | (rgb[i + 1] & 0xff) << 8 | (rgb[i + 2] & 0xff);
  }

  /**
   * Converts to java.awt.
   *
   * @return a new image of type {@link BufferedImage#TYPE_INT_RGB}
   */
  public BufferedImage toBufferedImage() {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        row[x] = rgb(x, y);
      }
      image.setRGB(0, y, width, 1, row, 0, width);
    }
    return image;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FaceImage that
        && width == that.width
        && height == that.height
        && Arrays.equals(rgb, that.rgb);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * width + height) + Arrays.hashCode(rgb);
  }

  @Override
  public String toString() {
    return "FaceImage[" + width + "x" + height + "]";
  }
}
