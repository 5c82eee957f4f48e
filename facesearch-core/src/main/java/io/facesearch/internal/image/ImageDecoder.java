package io.facesearch.internal.image;

import com.twelvemonkeys.imageio.plugins.tiff.BigTIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import io.facesearch.ImageFormatException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Iterator;
import java.util.stream.IntStream;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;

/** Decodes the bytes of an image file with the codec that fits. Immutable and thread-safe. */
public final class ImageDecoder {
  /** Four samples of 16 bits. */
  private static final int MAX_BITS = 64;

  private final long maxPixels;

  /**
   * Makes a decoder.
   *
   * @param maxPixels a larger picture is refused before memory for it is taken
   */
  public ImageDecoder(long maxPixels) {
    this.maxPixels = maxPixels;
  }

  /**
   * Decodes an image file.
   *
   * @param source what messages call it
   * @return upright
   * @throws ImageFormatException if it is none, or too large
   * @throws IOException if it is damaged; codecs throw other exceptions and errors, too
   */
  public DecodedImage decode(byte[] encoded, String source) throws IOException {
    if (JpegFile.matches(encoded)) {
      JpegFile jpeg = JpegFile.inspect(encoded);
      checkPixels(jpeg.width(), jpeg.height(), source);
      return LargeJpeg.suits(jpeg) ? LargeJpeg.open(jpeg) : JpegDecoder.decode(jpeg);
    }
    EncodedImage image = EncodedImage.inspect(encoded);
    ImageReader reader = openReader(image, source);
    try {
      reader.setInput(new ByteArrayImageInputStream(image.data), false, true);
      int width = reader.getWidth(0);
      int height = reader.getHeight(0);
      checkPixels(width, height, source);
      if (reader.getTileWidth(0) != width) { // TIFF is decoded by tiles, whatever their size
        checkPixels(reader.getTileWidth(0), reader.getTileHeight(0), source);
      }
      checkBits(reader);
      BufferedImage pixels = reader.read(0, reader.getDefaultReadParam());
      return RgbConversion.toRgb(pixels, image.orientation);
    } finally {
      reader.dispose();
    }
  }

  /**
   * How large the pixels of a file are as they are stored, and how they are turned.
   *
   * @param width pixels
   * @param height pixels
   * @param orientation of EXIF, 1 to 8
   */
  public record Frame(int width, int height, int orientation) {
    /** {@return the width of the upright photo} */
    public int uprightWidth() {
      return orientation > 4 ? height : width;
    }

    /** {@return the height of the upright photo} */
    public int uprightHeight() {
      return orientation > 4 ? width : height;
    }
  }

  /**
   * Reads how large an image is, and no pixel of it.
   *
   * @param source what messages call it
   * @return the frame
   * @throws ImageFormatException if it is none, or too large
   * @throws IOException if it is damaged; codecs throw other exceptions and errors, too
   */
  public Frame frame(byte[] encoded, String source) throws IOException {
    if (JpegFile.matches(encoded)) {
      JpegFile jpeg = JpegFile.inspect(encoded);
      checkPixels(jpeg.width(), jpeg.height(), source);
      return new Frame(jpeg.width(), jpeg.height(), jpeg.orientation());
    }
    EncodedImage image = EncodedImage.inspect(encoded);
    ImageReader reader = openReader(image, source);
    try {
      reader.setInput(new ByteArrayImageInputStream(image.data), false, true);
      int width = reader.getWidth(0);
      int height = reader.getHeight(0);
      checkPixels(width, height, source);
      return new Frame(width, height, image.orientation);
    } finally {
      reader.dispose();
    }
  }

  private static ImageReader openReader(EncodedImage image, String source) throws IOException {
    switch (image.kind) {
      // By name, as ImageIO finds no plug-ins under many class loaders, nor in many repacked jars.
      case TIFF:
        return new TIFFImageReaderSpi().createReaderInstance(null);
      case BIG_TIFF:
        return new BigTIFFImageReaderSpi().createReaderInstance(null);
      case WEBP:
        return new WebPImageReaderSpi().createReaderInstance(null);
      default:
        // In memory: the default of ImageIO, which is a setting of the whole JVM, copies to disk.
        Iterator<ImageReader> readers =
            ImageIO.getImageReaders(new ByteArrayImageInputStream(image.data));
        if (readers.hasNext()) {
          return readers.next();
        }
        throw new ImageFormatException(
            source
                + " is not an image that can be read: expected JPEG, PNG, GIF, BMP, TIFF, WebP or "
                + "a format of an ImageIO plug-in on the class path"
                + ForeignFormat.describe(image.data));
    }
  }

  private void checkPixels(int width, int height, String source) throws IIOException {
    if (width < 1 || height < 1) {
      throw new IIOException("its header says " + width + "x" + height + " pixels");
    }
    if ((long) width * height > maxPixels) {
      throw new ImageFormatException(
          source
              + " is too large: expected at most "
              + maxPixels
              + " pixels, but it has "
              + width
              + "x"
              + height
              + " = "
              + (long) width * height
              + "; scale it down, or raise maxPixels of FaceImageReader.builder()");
    }
  }

  /** Refuses samples that take far more memory than the number of pixels tells; TIFF may. */
  private static void checkBits(ImageReader reader) throws IOException {
    ImageTypeSpecifier type = reader.getRawImageType(0);
    if (type == null) {
      return; // JPEG, where it is 32 at most
    }
    int bits = IntStream.of(type.getSampleModel().getSampleSize()).sum();
    if (bits > MAX_BITS) {
      throw new IIOException("it has " + bits + " bits a pixel, expected at most " + MAX_BITS);
    }
  }

  /** Converts an image of java.awt; alpha is laid on white. */
  public static RgbPixels toRgb(BufferedImage image) {
    return RgbConversion.toRgb(image, ExifOrientation.UPRIGHT);
  }
}
