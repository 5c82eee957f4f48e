package io.facesearch.internal.image;

import javax.imageio.IIOException;

/**
 * One pass over the headers of a JPEG file, up to the image data. It finds the orientation and what
 * the components mean, and refuses what cannot be decoded before memory for the pixels is taken.
 *
 * <p>ICC profiles are passed over: the models were trained on pixels without.
 */
public final class JpegFile {
  /** What the components mean. */
  enum Colors {
    GRAY,
    RGB,
    YCC,
    CMYK,
    YCCK
  }

  static final int DHT = 0xc4;
  static final int RST0 = 0xd0;
  static final int EOI = 0xd9;
  static final int SOS = 0xda;
  static final int DQT = 0xdb;
  static final int DRI = 0xdd;

  private static final int SOF0 = 0xc0;
  private static final int SOF2 = 0xc2;
  private static final int JPG = 0xc8;
  private static final int SOF9 = 0xc9;
  private static final int DAC = 0xcc;
  private static final int SOF15 = 0xcf;
  private static final int SOI = 0xd8;
  private static final int APP0 = 0xe0;
  private static final int APP1 = 0xe1;
  private static final int APP14 = 0xee;

  /** Values of the last byte of an Adobe segment. */
  private static final int TRANSFORM_NONE = 0;

  private final byte[] file;

  private int orientation; // 0: not found yet
  private boolean jfif;
  private int adobeTransform = -1; // no Adobe segment
  private int frame; // marker of the frame header; 0: not found yet
  private int frameAt; // its payload
  private int components;
  private int firstScan;
  private int maxHorizontal = 1;
  private int maxVertical = 1;

  private JpegFile(byte[] file) {
    this.file = file;
  }

  static boolean matches(byte[] file) {
    return file.length >= 3
        && (file[0] & 0xff) == 0xff
        && (file[1] & 0xff) == SOI
        && (file[2] & 0xff) == 0xff;
  }

  public static JpegFile inspect(byte[] file) throws IIOException {
    JpegFile jpeg = new JpegFile(file);
    jpeg.walk();
    return jpeg;
  }

  private void walk() throws IIOException {
    int at = 2;
    while (true) {
      at = afterMarker(at);
      int marker = at <= file.length ? file[at - 1] & 0xff : EOI;
      if (marker == EOI) {
        throw new IIOException("it ends before any image data; it is probably truncated");
      }
      if (standsAlone(marker)) {
        continue;
      }
      int length = at + 2 <= file.length ? u16(at) : 0;
      if (length < 2 || length > file.length - at) {
        throw new IIOException(
            "its segment at byte "
                + (at - 2)
                + " does not end within the file; it is probably truncated");
      }
      int payload = at + 2;
      at += length;
      if (marker == SOS) {
        if (frame == 0) {
          throw new IIOException("its image data have no frame header");
        }
        checkPlausible(file.length - at);
        firstScan = length > 2 ? file[payload] & 0xff : 0;
        return;
      }
      segment(marker, payload, at);
    }
  }

  /** Goes past the next marker; beyond the end of the file if there is none. */
  int afterMarker(int from) {
    int at = from;
    while (at < file.length && file[at] != (byte) 0xff) {
      at++; // image data, or rubbish between segments
    }
    while (at < file.length && file[at] == (byte) 0xff) {
      at++; // fill bytes
    }
    return at + 1;
  }

  static boolean standsAlone(int marker) {
    return marker <= 1 || (marker >= RST0 && marker <= SOI);
  }

  private void segment(int marker, int payload, int end) throws IIOException {
    if (marker == APP0) {
      jfif |= EncodedImage.startsWith(file, payload, "JFIF\0");
    } else if (marker == APP1) {
      if (orientation == 0 && EncodedImage.startsWith(file, payload, "Exif\0")) {
        orientation = ExifOrientation.find(file, payload + 6, end);
      }
    } else if (marker == APP14) {
      if (EncodedImage.startsWith(file, payload, "Adobe") && end - payload >= 12) {
        adobeTransform = file[payload + 11] & 0xff;
      }
    } else if (marker >= SOF0
        && marker <= SOF15
        && marker != DHT
        && marker != JPG
        && marker != DAC) {
      frame(marker, payload, end);
    }
  }

  private void frame(int marker, int payload, int end) throws IIOException {
    if (frame != 0) {
      throw new IIOException("it has two frame headers, expected one");
    }
    int size = end - payload;
    components = size >= 6 ? file[payload + 5] & 0xff : 0;
    if (components < 1 || components > 4 || size != 6 + 3 * components) {
      throw new IIOException(
          "its frame header has " + size + " bytes for " + components + " components");
    }
    frame = marker;
    frameAt = payload;
    checkKind(file[payload] & 0xff);
    for (int i = 0; i < components; i++) {
      if (horizontal(i) < 1 || horizontal(i) > 4 || vertical(i) < 1 || vertical(i) > 4) {
        throw new IIOException(
            "its sampling factors are "
                + horizontal(i)
                + "x"
                + vertical(i)
                + ", expected 1 to 4 each");
      }
      maxHorizontal = Math.max(maxHorizontal, horizontal(i));
      maxVertical = Math.max(maxVertical, vertical(i));
    }
  }

  /** Says by name what is read nowhere or nearly, and is not broken. */
  private void checkKind(int bits) throws IIOException {
    String kind =
        frame >= SOF9
            ? "an arithmetic-coded JPEG"
            : frame > SOF2
                ? "a lossless or hierarchical JPEG"
                : bits != 8
                    ? "a JPEG of " + bits + " bits a sample"
                    : components == 2 ? "a JPEG of two components" : "";
    if (!kind.isEmpty()) {
      throw new IIOException(
          "it is "
              + kind
              + ", which is not supported (baseline and progressive of 8 bits are); "
              + "save it again as one of these, or as PNG");
    }
  }

  /**
   * Refuses a small file that claims to be a large picture before memory for the picture is taken:
   * every block of 8x8 samples takes at least one bit.
   */
  private void checkPlausible(int dataBytes) throws IIOException {
    if (width() < 1 || height() < 1) {
      throw new IIOException("its header says " + width() + "x" + height() + " pixels");
    }
    int maxBoth = 1;
    for (int i = 0; i < components; i++) {
      maxBoth = Math.max(maxBoth, horizontal(i) * vertical(i));
    }
    // Of the component with most samples.
    long blocks = (long) width() * height() / 64 * maxBoth / maxHorizontal / maxVertical;
    if (blocks > 8L * dataBytes) {
      throw new IIOException(
          "its header says "
              + width()
              + "x"
              + height()
              + " pixels, but "
              + dataBytes
              + " bytes of image data cannot hold them; it is probably truncated");
    }
  }

  /** The same file in an array of its own, as the caller may change the first. */
  JpegFile copy() throws IIOException {
    return inspect(file.clone());
  }

  byte[] bytes() {
    return file;
  }

  /** EXIF orientation, 1 to 8. */
  int orientation() {
    return Math.max(orientation, ExifOrientation.UPRIGHT);
  }

  int width() {
    return u16(frameAt + 3);
  }

  int height() {
    return u16(frameAt + 1);
  }

  boolean isProgressive() {
    return frame == SOF2;
  }

  int components() {
    return components;
  }

  /** How many components the first scan has. */
  int firstScan() {
    return firstScan;
  }

  int maxHorizontal() {
    return maxHorizontal;
  }

  int maxVertical() {
    return maxVertical;
  }

  int componentId(int i) {
    return file[frameAt + 6 + 3 * i] & 0xff;
  }

  int horizontal(int i) {
    return file[frameAt + 7 + 3 * i] >> 4 & 15;
  }

  int vertical(int i) {
    return file[frameAt + 7 + 3 * i] & 15;
  }

  int quantizationTable(int i) {
    return file[frameAt + 8 + 3 * i] & 0xff;
  }

  /** What the components mean, by the rules of libjpeg, and so of nearly everybody. */
  Colors colors() {
    if (components == 1) {
      return Colors.GRAY;
    }
    if (components == 4) {
      return adobeTransform > TRANSFORM_NONE ? Colors.YCCK : Colors.CMYK;
    }
    boolean rgb =
        adobeTransform >= 0
            ? adobeTransform == TRANSFORM_NONE
            : componentId(0) == 'R' && componentId(1) == 'G' && componentId(2) == 'B';
    return rgb && !jfif ? Colors.RGB : Colors.YCC;
  }

  int u16(int at) {
    return (file[at] & 0xff) << 8 | (file[at + 1] & 0xff);
  }
}
