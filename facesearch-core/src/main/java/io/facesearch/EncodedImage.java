package io.facesearch;

import javax.imageio.IIOException;

/** What one pass over an encoded file found, before a codec sees it. */
final class EncodedImage {

  /** How to decode. */
  enum Kind {
    JPEG_GRAY,
    /** Three components; an Adobe segment tells the codec whether they are RGB or YCbCr. */
    JPEG_COLOR,
    JPEG_CMYK,
    JPEG_YCCK,
    /** Lossless and other rare kinds, and those with faults that the reader mends. */
    JPEG_OTHER,
    OTHER;

    boolean isJpeg() {
      return this != OTHER;
    }
  }

  /** What the codec gets: the file itself, or a copy without metadata. */
  final byte[] data;

  /** EXIF orientation, 1 to 8. */
  final int orientation;

  final Kind kind;

  /**
   * Rubbish in image data means damage. Before the end marker of a JPEG of one scan it is common
   * and harmless; between scans, or where that marker is missing, it is not.
   */
  final boolean strict;

  EncodedImage(byte[] data, int orientation, Kind kind, boolean strict) {
    this.data = data;
    this.orientation = orientation;
    this.kind = kind;
    this.strict = strict;
  }

  static EncodedImage inspect(byte[] file) throws IIOException {
    if (JpegFile.matches(file)) {
      return JpegFile.inspect(file);
    }
    if (PngFile.matches(file)) {
      return PngFile.inspect(file);
    }
    if (startsWith(file, 0, "BM")) {
      checkBmp(file);
    }
    return new EncodedImage(file, otherOrientation(file), Kind.OTHER, true);
  }

  /** Orientation of the formats that optional plug-ins read: TIFF and WebP. */
  private static int otherOrientation(byte[] file) {
    if (!startsWith(file, 0, "RIFF") || !startsWith(file, 8, "WEBP")) {
      return ExifOrientation.find(file, 0, file.length); // a TIFF file is its own EXIF structure
    }
    long at = 12;
    while (at + 8 <= file.length) {
      int chunk = (int) at;
      long end = at + 8 + littleEndian(file, chunk + 4);
      if (startsWith(file, chunk, "EXIF")) {
        // Some writers keep the identifier that JPEG needs.
        int from = chunk + (startsWith(file, chunk + 8, "Exif\0\0") ? 14 : 8);
        return ExifOrientation.find(file, from, (int) Math.min(file.length, end));
      }
      at = end + (end & 1);
    }
    return ExifOrientation.UPRIGHT;
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

  /** For a message: what a file is that no reader knows, and what to do. */
  static String guess(byte[] file) {
    String format =
        startsWith(file, 4, "ftyp")
            ? "HEIC, AVIF or a video"
            : startsWith(file, 0, "RIFF") && startsWith(file, 8, "WEBP")
                ? "WebP"
                : startsWith(file, 0, "%PDF")
                    ? "PDF"
                    : startsWith(file, 0, "<") ? "a web page" : "";
    return format.isEmpty() ? "" : "; it looks like " + format + ": convert it to JPEG or PNG";
  }

  private static long littleEndian(byte[] b, int at) {
    return (b[at] & 0xffL)
        | (b[at + 1] & 0xffL) << 8
        | (b[at + 2] & 0xffL) << 16
        | (b[at + 3] & 0xffL) << 24;
  }

  /** Tells whether the ASCII text stands at a place; false where the data end before it. */
  static boolean startsWith(byte[] data, int at, String text) {
    if (at < 0 || data.length - at < text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (data[at + i] != (byte) text.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
