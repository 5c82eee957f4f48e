package io.facesearch;

import io.facesearch.internal.image.DecodedImage;
import io.facesearch.internal.image.ImageDecoder;
import io.facesearch.internal.image.LargeJpeg;
import io.facesearch.internal.image.RgbPixels;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A photo in RGB, 8 bits per channel, row by row from the top left, upright (EXIF orientation
 * applied). Immutable and thread-safe. It takes {@code 3 * width * height} bytes of heap. A large
 * JPEG from a camera takes only a quarter of that plus the size of its file until {@link #rgb()} or
 * {@link #equals} needs all pixels; {@link #half} and {@link #part} do not.
 *
 * <p>The {@code read} methods use {@link FaceImageReader#DEFAULT}; build your own reader to change
 * its limits.
 */
public final class FaceImage {
  private final int width;
  private final int height;
  private final @Nullable LargeJpeg large; // null of most
  private final @Nullable FaceImage half; // null of most
  private volatile byte @Nullable [] rgb; // null until all pixels are asked for, then never changed

  private FaceImage(RgbPixels pixels) {
    width = pixels.width();
    height = pixels.height();
    rgb = pixels.rgb();
    large = null;
    half = null;
  }

  private FaceImage(LargeJpeg large) {
    width = large.width();
    height = large.height();
    this.large = large;
    half = new FaceImage(large.half());
  }

  /** Takes over what was decoded. */
  static FaceImage of(DecodedImage image) {
    return image instanceof LargeJpeg large
        ? new FaceImage(large)
        : new FaceImage((RgbPixels) image);
  }

  /**
   * Creates an image from raw pixels.
   *
   * @param width pixels, at least 1
   * @param height pixels, at least 1
   * @param rgb {@code 3 * width * height} bytes R, G, B, row by row; copied
   * @return the image
   * @throws IllegalArgumentException if a side is less than 1, or the array has another length
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
    return new FaceImage(new RgbPixels(width, height, rgb.clone()));
  }

  /**
   * Converts a java.awt image. Transparent parts become white.
   *
   * @param image any type
   * @return the image
   */
  public static FaceImage of(BufferedImage image) {
    return of(ImageDecoder.toRgb(image));
  }

  /**
   * Reads an image file.
   *
   * @param file JPEG, PNG, GIF, BMP, TIFF, WebP, or any format for which an ImageIO plug-in is
   *     present
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

  /** {@return the width in pixels} */
  public int width() {
    return width;
  }

  /** {@return the height in pixels} */
  public int height() {
    return height;
  }

  /**
   * Returns the pixels without copying them. The first call on a large JPEG decodes all of it.
   *
   * @return a read-only view of {@code 3 * width * height} bytes R, G, B, row by row
   * @throws InsufficientMemoryException if the heap is too small for them
   */
  public ByteBuffer rgb() {
    return ByteBuffer.wrap(pixels()).asReadOnlyBuffer();
  }

  private byte[] pixels() {
    byte[] known = rgb;
    if (known != null) {
      return known;
    }
    LargeJpeg whole = Objects.requireNonNull(large);
    synchronized (whole) {
      known = rgb;
      if (known == null) {
        known = whole.part(0, 0, width, height);
        rgb = known;
      }
      return known;
    }
  }

  /**
   * Returns the photo at half its width and height, if that is available without decoding all of
   * it, as it is for a large JPEG: each pixel is the mean of four, computed by the JPEG's own
   * transform. Color channels that the file stores at half size are used unchanged.
   *
   * @return the smaller photo; empty if it is not available
   */
  public Optional<FaceImage> half() {
    return Optional.ofNullable(half);
  }

  /**
   * Cuts out a part of the photo. Of a large JPEG, only this part is decoded.
   *
   * @param left first column
   * @param top first row
   * @param partWidth pixels, at least 1
   * @param partHeight pixels, at least 1
   * @return the part, as a photo of its own
   * @throws IndexOutOfBoundsException if the part does not lie inside the photo
   */
  public FaceImage part(int left, int top, int partWidth, int partHeight) {
    if (left < 0
        || top < 0
        || partWidth < 1
        || partHeight < 1
        || partWidth > width - left
        || partHeight > height - top) {
      throw new IndexOutOfBoundsException(
          "a part of "
              + partWidth
              + "x"
              + partHeight
              + " pixels from "
              + left
              + ","
              + top
              + " on is not inside the image of "
              + width
              + "x"
              + height);
    }
    byte[] all = rgb;
    if (all == null) {
      LargeJpeg whole = Objects.requireNonNull(large);
      return new FaceImage(
          new RgbPixels(partWidth, partHeight, whole.part(left, top, partWidth, partHeight)));
    }
    if (partWidth == width && partHeight == height) {
      return this;
    }
    byte[] part = new byte[3 * partWidth * partHeight];
    for (int y = 0; y < partHeight; y++) {
      int from = 3 * ((top + y) * width + left);
      System.arraycopy(all, from, part, 3 * y * partWidth, 3 * partWidth);
    }
    return new FaceImage(new RgbPixels(partWidth, partHeight, part));
  }

  /**
   * Returns one pixel.
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
    byte[] all = pixels();
    int i = 3 * (y * width + x);
    return (all[i] & 0xff) << 16 | (all[i + 1] & 0xff) << 8 | (all[i + 2] & 0xff);
  }

  /**
   * Converts the photo to a java.awt image.
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
        && Arrays.equals(pixels(), that.pixels());
  }

  @Override
  public int hashCode() {
    return 31 * (31 * width + height) + Arrays.hashCode(pixels());
  }

  @Override
  public String toString() {
    return "FaceImage[" + width + "x" + height + "]";
  }
}
