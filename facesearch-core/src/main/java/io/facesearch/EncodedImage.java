package io.facesearch;

import java.util.Arrays;
import javax.imageio.IIOException;

/**
 * What the one pass over an encoded file found, before a codec sees it.
 *
 * @param data what to hand to the codec: the file itself, or a copy without its metadata
 * @param orientation EXIF orientation, 1 to 8
 * @param kind how to decode it
 */
record EncodedImage(byte[] data, int orientation, Kind kind) {

  /** How to decode. */
  enum Kind {
    /** Sequential or progressive JPEG, 8 bits, grey. */
    JPEG_GRAY,
    /** Sequential or progressive JPEG, 8 bits, three components. */
    JPEG_COLOR,
    /** Any other JPEG: CMYK, YCCK, lossless, or with faults that only a tolerant reader mends. */
    JPEG_OTHER,
    /** Everything else. */
    OTHER
  }

  static EncodedImage inspect(byte[] file) throws IIOException {
    if (JpegFile.matches(file)) {
      return JpegFile.inspect(file);
    }
    if (PngFile.matches(file)) {
      return PngFile.inspect(file);
    }
    return new EncodedImage(file, otherOrientation(file), Kind.OTHER);
  }

  /** Orientation of the formats that optional plug-ins read: TIFF and WebP. */
  private static int otherOrientation(byte[] file) {
    if (!startsWith(file, 0, "RIFF") || !startsWith(file, 8, "WEBP")) {
      return ExifOrientation.find(file, 0, file.length); // a TIFF file is its own EXIF structure
    }
    long at = 12;
    while (at + 8 <= file.length) {
      int head = (int) at;
      long length =
          file[head + 4] & 0xffL
              | (file[head + 5] & 0xffL) << 8
              | (file[head + 6] & 0xffL) << 16
              | (file[head + 7] & 0xffL) << 24;
      if (startsWith(file, head, "EXIF")) {
        int from = head + 8;
        // Some writers keep the identifier that JPEG needs.
        from += startsWith(file, from, "Exif\0\0") ? 6 : 0;
        return ExifOrientation.find(file, from, (int) Math.min(file.length, at + 8 + length));
      }
      at += 8 + length + (length & 1);
    }
    return ExifOrientation.UPRIGHT;
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

  @Override
  public boolean equals(Object other) {
    return other instanceof EncodedImage that
        && orientation == that.orientation
        && kind == that.kind
        && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * orientation + kind.hashCode()) + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return "EncodedImage[" + data.length + " bytes, " + kind + ", orientation " + orientation + "]";
  }
}
