package io.facesearch.internal.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;

/**
 * Turns images of java.awt into upright RGB bytes in one pass. Layouts that codecs produce are read
 * from their arrays; everything else goes through the color model, which is right but slow.
 */
final class RgbConversion {
  private RgbConversion() {}

  /** Reads one row of an image as RGB. */
  @FunctionalInterface
  interface RowReader {
    void read(int y, byte[] rgb, int offset);
  }

  /**
   * Converts and turns upright.
   *
   * @param image any type
   * @param orientation EXIF orientation of the pixels, 1 to 8
   */
  static RgbPixels toRgb(BufferedImage image, int orientation) {
    int width = image.getWidth();
    int height = image.getHeight();
    return turn(width, height, orientation, rowReader(image));
  }

  /**
   * Reads all rows and turns them upright.
   *
   * @param orientation EXIF orientation of the rows, 1 to 8
   */
  static RgbPixels turn(int width, int height, int orientation, RowReader reader) {
    byte[] rgb = turned(width, height, orientation, reader);
    return orientation >= 5 ? new RgbPixels(height, width, rgb) : new RgbPixels(width, height, rgb);
  }

  /** As {@link #turn}, without the image around it. */
  static byte[] turned(int width, int height, int orientation, RowReader reader) {
    byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    if (orientation == ExifOrientation.UPRIGHT) {
      for (int y = 0; y < height; y++) {
        reader.read(y, rgb, 3 * width * y);
      }
      return rgb;
    }
    // Orientations 5 to 8 swap the axes; the others mirror them at most.
    boolean swap = orientation >= 5;
    int newWidth = swap ? height : width;
    boolean mirrorX = ExifOrientation.mirrorsX(orientation);
    boolean mirrorY = ExifOrientation.mirrorsY(orientation);
    int stepX = 3 * (swap ? newWidth : 1);
    int stepY = 3 * (swap ? 1 : newWidth);
    byte[] row = new byte[3 * width];
    for (int y = 0; y < height; y++) {
      reader.read(y, row, 0);
      int to = stepY * (mirrorY ? height - 1 - y : y) + (mirrorX ? stepX * (width - 1) : 0);
      int step = mirrorX ? -stepX : stepX;
      for (int from = 0; from < row.length; from += 3, to += step) {
        rgb[to] = row[from];
        rgb[to + 1] = row[from + 1];
        rgb[to + 2] = row[from + 2];
      }
    }
    return rgb;
  }

  private static RowReader rowReader(BufferedImage image) {
    ColorModel colors = image.getColorModel();
    if (colors instanceof IndexColorModel palette) {
      return paletteRows(image, palette);
    }
    if (colors instanceof ComponentColorModel && isPlain(colors)) {
      // Gray is taken as it is: java.awt would treat it as linear light and brighten it.
      return isInterleavedBytes(image) ? byteRows(image) : componentRows(image);
    }
    return switch (image.getType()) {
      case BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB -> intRows(image);
      default -> anyRows(image);
    };
  }

  /** Tells whether the samples are gray or RGB that need no color conversion. */
  private static boolean isPlain(ColorModel colors) {
    ColorSpace space = colors.getColorSpace();
    int type = colors.getTransferType();
    return (space.isCS_sRGB() || space.getType() == ColorSpace.TYPE_GRAY)
        && (type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT);
  }

  private static boolean isInterleavedBytes(BufferedImage image) {
    if (!(image.getRaster().getDataBuffer() instanceof DataBufferByte buffer)
        || buffer.getNumBanks() != 1
        || !(image.getSampleModel() instanceof PixelInterleavedSampleModel)) {
      return false;
    }
    for (int bits : image.getColorModel().getComponentSize()) {
      if (bits != 8) {
        return false;
      }
    }
    return true;
  }

  private static RowReader byteRows(BufferedImage image) {
    Raster raster = image.getRaster();
    PixelInterleavedSampleModel layout = (PixelInterleavedSampleModel) image.getSampleModel();
    DataBufferByte buffer = (DataBufferByte) raster.getDataBuffer();
    byte[] data = buffer.getData();
    int[] bands = layout.getBandOffsets();
    int stride = layout.getScanlineStride();
    int step = layout.getPixelStride();
    int width = image.getWidth();
    int start =
        buffer.getOffset()
            + stride * (raster.getMinY() - raster.getSampleModelTranslateY())
            + step * (raster.getMinX() - raster.getSampleModelTranslateX());
    boolean gray = image.getColorModel().getNumColorComponents() == 1;
    int red = bands[0];
    int green = bands[gray ? 0 : 1];
    int blue = bands[gray ? 0 : 2];
    if (!image.getColorModel().hasAlpha()) {
      return (y, rgb, offset) -> {
        int from = start + stride * y;
        for (int to = offset; to < offset + 3 * width; to += 3, from += step) {
          rgb[to] = data[from + red];
          rgb[to + 1] = data[from + green];
          rgb[to + 2] = data[from + blue];
        }
      };
    }
    int alpha = bands[bands.length - 1];
    boolean premultiplied = image.isAlphaPremultiplied();
    return (y, rgb, offset) -> {
      int from = start + stride * y;
      for (int to = offset; to < offset + 3 * width; to += 3, from += step) {
        int a = data[from + alpha] & 0xff;
        rgb[to] = onWhite(data[from + red] & 0xff, a, premultiplied);
        rgb[to + 1] = onWhite(data[from + green] & 0xff, a, premultiplied);
        rgb[to + 2] = onWhite(data[from + blue] & 0xff, a, premultiplied);
      }
    };
  }

  /** Any layout and number of bits, such as 16-bit PNG. */
  private static RowReader componentRows(BufferedImage image) {
    Raster raster = image.getRaster();
    ColorModel colors = image.getColorModel();
    int bands = raster.getNumBands();
    int width = image.getWidth();
    boolean gray = colors.getNumColorComponents() == 1;
    boolean alpha = colors.hasAlpha();
    boolean premultiplied = image.isAlphaPremultiplied();
    int[] max = new int[bands];
    for (int b = 0; b < bands; b++) {
      max[b] = (1 << colors.getComponentSize(b)) - 1;
    }
    int[] row = new int[bands * width];
    return (y, rgb, offset) -> {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0, from = 0, to = offset; x < width; x++, from += bands, to += 3) {
        int a = alpha ? to8Bits(row[from + bands - 1], max[bands - 1]) : 255;
        for (int c = 0; c < 3; c++) {
          int band = gray ? 0 : c;
          rgb[to + c] = onWhite(to8Bits(row[from + band], max[band]), a, premultiplied);
        }
      }
    };
  }

  private static RowReader paletteRows(BufferedImage image, IndexColorModel palette) {
    Raster raster = image.getRaster();
    int width = image.getWidth();
    int[] argb = new int[palette.getMapSize()];
    palette.getRGBs(argb);
    int[] row = new int[width];
    return (y, rgb, offset) -> {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0, to = offset; x < width; x++, to += 3) {
        // A broken file may use more colors than its palette has.
        put(row[x] < argb.length ? argb[row[x]] : 0xff000000, rgb, to);
      }
    };
  }

  private static RowReader intRows(BufferedImage image) {
    Raster raster = image.getRaster();
    int width = image.getWidth();
    int opaque = image.getColorModel().hasAlpha() ? 0 : 0xff000000;
    int[] row = new int[width];
    return (y, rgb, offset) -> {
      raster.getDataElements(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0, to = offset; x < width; x++, to += 3) {
        put(row[x] | opaque, rgb, to);
      }
    };
  }

  private static RowReader anyRows(BufferedImage image) {
    int width = image.getWidth();
    int[] row = new int[width];
    return (y, rgb, offset) -> {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0, to = offset; x < width; x++, to += 3) {
        put(row[x], rgb, to);
      }
    };
  }

  private static void put(int argb, byte[] rgb, int to) {
    int a = argb >>> 24;
    rgb[to] = onWhite(argb >> 16 & 0xff, a, false);
    rgb[to + 1] = onWhite(argb >> 8 & 0xff, a, false);
    rgb[to + 2] = onWhite(argb & 0xff, a, false);
  }

  private static byte onWhite(int value, int alpha, boolean premultiplied) {
    if (alpha == 255) {
      return (byte) value;
    }
    if (premultiplied) {
      return (byte) Math.min(255, value + 255 - alpha);
    }
    return (byte) ((value * alpha + 255 * (255 - alpha) + 127) / 255);
  }

  private static int to8Bits(int value, int max) {
    return (int) ((value * 255L + max / 2) / max);
  }
}
