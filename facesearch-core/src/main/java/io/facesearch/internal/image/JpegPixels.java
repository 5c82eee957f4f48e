package io.facesearch.internal.image;

/** Scales the components of a decoded JPEG to its size, and turns their rows into RGB. */
final class JpegPixels implements RgbConversion.RowReader {
  // What the chroma adds to the luma, by the constants of JFIF times 2^16. Tables, and masks that
  // spare the checks of their bounds: this is the longest loop of all.
  private static final int[] RED = new int[256];
  private static final int[] BLUE = new int[256];
  private static final int[] GREEN_RED = new int[256];
  private static final int[] GREEN_BLUE = new int[256];

  /** Sums from -256 to 767, cut off at 0 and 255. */
  private static final byte[] VALUES = new byte[1024];

  private static final int BELOW = 256;
  private static final int MASK = 1023;

  static {
    for (int i = 0; i < 256; i++) {
      RED[i] = (91881 * (i - 128) + 32768) >> 16;
      BLUE[i] = (116130 * (i - 128) + 32768) >> 16;
      GREEN_RED[i] = -46802 * (i - 128) + 32768;
      GREEN_BLUE[i] = -22554 * (i - 128);
    }
    for (int i = 0; i < VALUES.length; i++) {
      VALUES[i] = (byte) Math.max(0, Math.min(255, i - BELOW));
    }
  }

  private final JpegFile file;
  private final JpegComponent[] components;
  private final int width;
  private final boolean half;
  private final byte[][] rows;

  /**
   * Rows of a picture.
   *
   * @param file whose colors and sampling it has
   * @param width of the picture that the components hold
   */
  JpegPixels(JpegFile file, JpegComponent[] components, int width) {
    this(file, components, width, false);
  }

  /**
   * Rows of a picture in half its size.
   *
   * @param width of the picture, already halved
   */
  static JpegPixels half(JpegFile file, JpegComponent[] components, int width) {
    return new JpegPixels(file, components, width, true);
  }

  private JpegPixels(JpegFile file, JpegComponent[] components, int width, boolean half) {
    this.file = file;
    this.components = components;
    this.width = width;
    this.half = half;
    this.rows = new byte[components.length][width + 4];
  }

  @Override
  public void read(int y, byte[] rgb, int offset) {
    for (int i = 0; i < rows.length; i++) {
      if (half) {
        halve(components[i], y, rows[i]);
      } else {
        scale(components[i], y, rows[i]);
      }
    }
    switch (file.colors()) {
      case GRAY -> gray(rows[0], width, rgb, offset);
      case RGB -> {
        for (int x = 0, to = offset; x < width; x++, to += 3) {
          rgb[to] = rows[0][x];
          rgb[to + 1] = rows[1][x];
          rgb[to + 2] = rows[2][x];
        }
      }
      case YCC -> ycc(rows[0], rows[1], rows[2], width, rgb, offset);
      case CMYK -> cmyk(width, rgb, offset, false);
      case YCCK -> cmyk(width, rgb, offset, true);
    }
  }

  private static void gray(byte[] luma, int width, byte[] rgb, int offset) {
    for (int x = 0, to = offset; x < width; x++, to += 3) {
      rgb[to] = luma[x];
      rgb[to + 1] = luma[x];
      rgb[to + 2] = luma[x];
    }
  }

  private static void ycc(byte[] luma, byte[] cb, byte[] cr, int width, byte[] rgb, int offset) {
    for (int x = 0, to = offset; x < width; x++, to += 3) {
      int y = (luma[x] & 0xff) + BELOW;
      int blue = cb[x] & 0xff;
      int red = cr[x] & 0xff;
      rgb[to] = VALUES[(y + RED[red]) & MASK];
      rgb[to + 1] = VALUES[(y + ((GREEN_BLUE[blue] + GREEN_RED[red]) >> 16)) & MASK];
      rgb[to + 2] = VALUES[(y + BLUE[blue]) & MASK];
    }
  }

  /** Stored inverted (255 is no ink), as Adobe does and all encoders after it. */
  private void cmyk(int width, byte[] rgb, int offset, boolean ycck) {
    if (ycck) {
      // YCbCr gives what RGB would be; YCCK stores its complement.
      ycc(rows[0], rows[1], rows[2], width, rgb, offset);
    }
    byte[] black = rows[3];
    for (int x = 0, to = offset; x < width; x++, to += 3) {
      int k = black[x] & 0xff;
      for (int i = 0; i < 3; i++) {
        int ink = ycck ? 255 - (rgb[to + i] & 0xff) : rows[i][x] & 0xff;
        rgb[to + i] = (byte) ((ink * k + 127) / 255);
      }
    }
  }

  /** One row of the picture of one component, with the filters of libjpeg-turbo. */
  private void scale(JpegComponent c, int y, byte[] row) {
    int stepX = file.maxHorizontal() / c.horizontal;
    int stepY = file.maxVertical() / c.vertical;
    boolean whole =
        stepX * c.horizontal == file.maxHorizontal() && stepY * c.vertical == file.maxVertical();
    int sourceY = (int) ((long) y * c.vertical / file.maxVertical());
    int from = sourceY * c.stride;
    if (whole && stepX == 1 && stepY == 1) {
      System.arraycopy(c.samples, from, row, 0, width);
    } else if (whole && stepX == 2 && stepY == 1 && c.width > 2) {
      double2(c.samples, from, c.width, row);
    } else if (whole && stepX <= 2 && stepY == 2 && (stepX == 1 || c.width > 2)) {
      int near = sourceY + ((y & 1) == 0 ? -1 : 1);
      int other = Math.max(0, Math.min(c.height - 1, near)) * c.stride;
      if (stepX == 2) {
        double4(c.samples, from, other, c.width, row);
      } else {
        int bias = (y & 1) == 0 ? 1 : 2;
        for (int x = 0; x < width; x++) {
          row[x] =
              (byte)
                  ((3 * (c.samples[from + x] & 0xff) + (c.samples[other + x] & 0xff) + bias) >> 2);
        }
      }
    } else {
      for (int x = 0; x < width; x++) {
        row[x] = c.samples[from + (int) ((long) x * c.horizontal / file.maxHorizontal())];
      }
    }
  }

  /** One row of a component that is in half the size already, or is to be averaged to it. */
  private void halve(JpegComponent c, int y, byte[] row) {
    int stepX = file.maxHorizontal() / c.horizontal;
    int stepY = file.maxVertical() / c.vertical;
    byte[] in = c.samples;
    if (stepX == stepY) {
      System.arraycopy(in, y * c.stride, row, 0, width);
    } else if (stepX == 2) {
      int upper = 2 * y * c.stride;
      int lower = upper + c.stride;
      for (int x = 0; x < width; x++) {
        row[x] = (byte) (((in[upper + x] & 0xff) + (in[lower + x] & 0xff) + 1) >> 1);
      }
    } else {
      int at = y * c.stride;
      for (int x = 0; x < width; x++, at += 2) {
        row[x] = (byte) (((in[at] & 0xff) + (in[at + 1] & 0xff) + 1) >> 1);
      }
    }
  }

  private static void double2(byte[] in, int from, int width, byte[] row) {
    int here = in[from] & 0xff;
    int next = in[from + 1] & 0xff;
    row[0] = (byte) here;
    row[1] = (byte) ((3 * here + next + 2) >> 2);
    for (int x = 1; x < width - 1; x++) {
      int previous = here;
      here = next;
      next = in[from + x + 1] & 0xff;
      row[2 * x] = (byte) ((3 * here + previous + 1) >> 2);
      row[2 * x + 1] = (byte) ((3 * here + next + 2) >> 2);
    }
    row[2 * width - 2] = (byte) ((3 * next + here + 1) >> 2);
    row[2 * width - 1] = (byte) next;
  }

  private static void double4(byte[] in, int from, int other, int width, byte[] row) {
    int here = 3 * (in[from] & 0xff) + (in[other] & 0xff);
    int next = 3 * (in[from + 1] & 0xff) + (in[other + 1] & 0xff);
    row[0] = (byte) ((4 * here + 8) >> 4);
    row[1] = (byte) ((3 * here + next + 7) >> 4);
    for (int x = 1; x < width - 1; x++) {
      int previous = here;
      here = next;
      next = 3 * (in[from + x + 1] & 0xff) + (in[other + x + 1] & 0xff);
      row[2 * x] = (byte) ((3 * here + previous + 8) >> 4);
      row[2 * x + 1] = (byte) ((3 * here + next + 7) >> 4);
    }
    row[2 * width - 2] = (byte) ((3 * next + here + 8) >> 4);
    row[2 * width - 1] = (byte) ((4 * next + 7) >> 4);
  }
}
