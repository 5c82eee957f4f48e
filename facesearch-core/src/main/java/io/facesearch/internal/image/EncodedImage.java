package io.facesearch.internal.image;

import javax.imageio.IIOException;

/** What one pass over an encoded file other than JPEG found, before a codec sees it. */
public final class EncodedImage {

  /** Which codec. */
  enum Kind {
    TIFF,
    BIG_TIFF,
    WEBP,
    /** Those of the JDK, and plug-ins of the user. */
    OTHER
  }

  /** What the codec gets: the file itself, or a copy without metadata. */
  final byte[] data;

  /** EXIF orientation, 1 to 8. */
  public final int orientation;

  final Kind kind;

  EncodedImage(byte[] data, int orientation, Kind kind) {
    this.data = data;
    this.orientation = orientation;
    this.kind = kind;
  }

  public static EncodedImage inspect(byte[] file) throws IIOException {
    if (PngFile.matches(file)) {
      return PngFile.inspect(file);
    }
    if (TiffFile.matches(file)) {
      return TiffFile.inspect(file);
    }
    if (startsWith(file, 0, "RIFF") && startsWith(file, 8, "WEBP")) {
      return webp(file);
    }
    if (startsWith(file, 0, "BM")) {
      checkBmp(file);
    }
    return new EncodedImage(file, ExifOrientation.UPRIGHT, Kind.OTHER);
  }

  /** A decoder would fill what a truncated file lacks with one color. */
  private static EncodedImage webp(byte[] file) throws IIOException {
    int orientation = ExifOrientation.UPRIGHT;
    long riffEnd = 8 + littleEndian(file, 4);
    long at = 12;
    if (riffEnd > file.length + 1L) {
      throw new IIOException(
          "it should have " + riffEnd + " bytes, but has " + file.length + "; it is truncated");
    }
    while (at + 8 <= file.length) {
      int chunk = (int) at;
      long end = at + 8 + littleEndian(file, chunk + 4);
      if (end > file.length && at < riffEnd) {
        throw new IIOException(
            "its chunk at byte " + at + " does not end within the file; it is truncated");
      }
      if (startsWith(file, chunk, "EXIF")) {
        // Some writers keep the identifier that JPEG needs.
        int from = chunk + (startsWith(file, chunk + 8, "Exif\0\0") ? 14 : 8);
        orientation = ExifOrientation.find(file, from, (int) Math.min(file.length, end));
      }
      at = end + (end & 1);
    }
    return new EncodedImage(file, orientation, Kind.WEBP);
  }

  /**
   * Refuses what makes the BMP reader of the JDK take memory before the size of the picture can be
   * checked: a palette or profile larger than the file, or a JPEG or PNG inside.
   */
  private static void checkBmp(byte[] file) throws IIOException {
    if (file.length < 26) {
      throw new IIOException("a BMP header has at least 26 bytes, but the file " + file.length);
    }
    long pixels = littleEndian(file, 10);
    long header = littleEndian(file, 14);
    long compression = header >= 40 && file.length >= 34 ? littleEndian(file, 30) : 0;
    long profile = header >= 124 && file.length >= 138 ? littleEndian(file, 130) : 0;
    if (pixels > file.length || header > file.length || profile > file.length) {
      throw new IIOException("its header points beyond the file; it is probably truncated");
    }
    if (compression == 4 || compression == 5) {
      throw new IIOException("a JPEG or PNG within BMP is not supported; save it as such");
    }
  }

  private static long littleEndian(byte[] b, int at) {
    return (b[at] & 0xffL)
        | (b[at + 1] & 0xffL) << 8
        | (b[at + 2] & 0xffL) << 16
        | (b[at + 3] & 0xffL) << 24;
  }

  /** Tells whether the text stands at a place; false where the data end before it. */
  static boolean startsWith(byte[] data, int at, String latin1) {
    if (at < 0 || data.length - at < latin1.length()) {
      return false;
    }
    for (int i = 0; i < latin1.length(); i++) {
      if (data[at + i] != (byte) latin1.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
