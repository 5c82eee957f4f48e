package io.facesearch;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import javax.imageio.IIOException;

/**
 * One pass over the segments of a JPEG file. It finds the orientation, refuses what no codec should
 * be given, and builds the stream that is decoded: frame, tables and scans, without metadata.
 *
 * <p>Why the codec does not get the file itself: metadata cost time and are where hostile files
 * attack; applying ICC profiles would make decoding several times slower, and the models were
 * trained on pixels without; and a JPEG without a JFIF segment is RGB for one codec and YCbCr for
 * another, which an explicit Adobe segment settles.
 */
final class JpegFile {
  /** Encoders write about 10 scans. Each costs a pass over all pixels, however short it is. */
  static final int MAX_SCANS = 64;

  /** So 20 scans of an image of 100 million pixels. */
  private static final long MAX_SCANNED_PIXELS = 1L << 31;

  private static final int SOF0 = 0xc0;
  private static final int SOF2 = 0xc2;
  private static final int DHT = 0xc4;
  private static final int JPG = 0xc8;
  private static final int DAC = 0xcc;
  private static final int SOF15 = 0xcf;
  private static final int RST0 = 0xd0;
  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int DQT = 0xdb;
  private static final int APP0 = 0xe0;
  private static final int APP1 = 0xe1;
  private static final int APP14 = 0xee;
  private static final int APP15 = 0xef;
  private static final int COM = 0xfe;

  private static final byte[] ADOBE = {
    (byte) 0xff, (byte) APP14, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0
  };

  /** Values of the last byte of an Adobe segment. */
  private static final int TRANSFORM_NONE = 0;

  private static final int TRANSFORM_YCC = 1;
  private static final int TRANSFORM_YCCK = 2;

  private final byte[] file;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream(1024);

  private int orientation; // 0: not found yet
  private boolean jfif;
  private int adobeTransform = -1; // no Adobe segment
  private int frame; // marker of the frame header; 0: not found yet
  private int frameAt; // its payload
  private int components;

  /** No faults, and no kind of JPEG other than those of photos. */
  private boolean plain = true;

  private JpegFile(byte[] file) {
    this.file = file;
  }

  static boolean matches(byte[] file) {
    return file.length >= 3
        && (file[0] & 0xff) == 0xff
        && (file[1] & 0xff) == SOI
        && (file[2] & 0xff) == 0xff;
  }

  static EncodedImage inspect(byte[] file) throws IIOException {
    return new JpegFile(file).walk();
  }

  private EncodedImage walk() throws IIOException {
    kept.write(file, 0, 2);
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
      int end = at + length;
      if (marker == SOS) {
        return finish(payload, end);
      }
      segment(marker, payload, end);
      at = end;
    }
  }

  /** Goes past the next marker; beyond the end of the file if there is none. */
  private int afterMarker(int from) {
    int at = from;
    while (at < file.length && file[at] != (byte) 0xff) {
      at++; // image data, or rubbish between segments
    }
    while (at < file.length && file[at] == (byte) 0xff) {
      at++; // fill bytes
    }
    return at + 1;
  }

  private static boolean standsAlone(int marker) {
    return marker <= 1 || (marker >= RST0 && marker <= SOI);
  }

  private void segment(int marker, int payload, int end) throws IIOException {
    if ((marker >= APP0 && marker <= APP15) || marker == COM) {
      metadata(marker, payload, end);
      return;
    }
    if (marker == DQT && end > payload && (file[payload] & 0xf0) != 0) {
      plain = false; // tables of 16 bits
    }
    kept.write(file, payload - 4, end - payload + 4);
    if (marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC) {
      frame(marker, payload, end);
    }
  }

  private void metadata(int marker, int payload, int end) {
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
    plain &= marker <= SOF2 && file[payload] == 8 && components != 2;
    for (int i = 0; i < components; i++) {
      if (horizontal(i) < 1 || horizontal(i) > 4 || vertical(i) < 1 || vertical(i) > 4) {
        throw new IIOException(
            "its sampling factors are "
                + horizontal(i)
                + "x"
                + vertical(i)
                + ", expected 1 to 4 each");
      }
      for (int j = 0; j < i; j++) {
        plain &= componentId(i) != componentId(j);
      }
    }
  }

  private EncodedImage finish(int payload, int end) throws IIOException {
    if (frame == 0) {
      throw new IIOException("its image data have no frame header");
    }
    checkPlausible(file.length - end);
    int scanComponents = end > payload ? file[payload] & 0xff : 0;
    boolean multiScan = frame == SOF2 || scanComponents != components;
    if (multiScan) {
      checkScans(end);
    }
    if (components >= 3) {
      byte[] adobe = ADOBE.clone();
      adobe[adobe.length - 1] = (byte) transform();
      kept.write(adobe, 0, adobe.length);
    }
    int header = kept.size();
    int sos = payload - 4;
    int data = file.length - sos;
    byte[] stream = Arrays.copyOf(kept.toByteArray(), header + data + 2);
    System.arraycopy(file, sos, stream, header, data);
    // With an end marker of its own, a file that lost only that marker decodes without a warning;
    // one that lost data decodes with the warning "premature end".
    stream[header + data] = (byte) 0xff;
    stream[header + data + 1] = (byte) EOI;
    int upright = Math.max(orientation, ExifOrientation.UPRIGHT);
    boolean strict = multiScan || !hasEnd(end);
    return new EncodedImage(stream, upright, kind(), strict);
  }

  private boolean hasEnd(int firstData) {
    for (int at = file.length - 2; at >= firstData; at--) {
      if (file[at] == (byte) 0xff && file[at + 1] == (byte) EOI) {
        return true;
      }
    }
    return false;
  }

  private EncodedImage.Kind kind() {
    if (!plain) {
      return EncodedImage.Kind.JPEG_OTHER;
    }
    return switch (components) {
      case 1 -> EncodedImage.Kind.JPEG_GRAY;
      case 3 -> EncodedImage.Kind.JPEG_COLOR;
      default ->
          transform() == TRANSFORM_YCCK ? EncodedImage.Kind.JPEG_YCCK : EncodedImage.Kind.JPEG_CMYK;
    };
  }

  /** What the components mean, by the rules of libjpeg, and so of nearly everybody. */
  private int transform() {
    if (components == 4) {
      return adobeTransform > TRANSFORM_NONE ? TRANSFORM_YCCK : TRANSFORM_NONE;
    }
    boolean rgb =
        adobeTransform >= 0
            ? adobeTransform == TRANSFORM_NONE
            : componentId(0) == 'R' && componentId(1) == 'G' && componentId(2) == 'B';
    return rgb && !jfif ? TRANSFORM_NONE : TRANSFORM_YCC;
  }

  /**
   * Refuses a small file that claims to be a large picture before memory for the picture is taken:
   * every block of 8x8 samples takes at least one bit.
   */
  private void checkPlausible(int dataBytes) throws IIOException {
    int height = u16(frameAt + 1);
    int width = u16(frameAt + 3);
    int maxHorizontal = 1;
    int maxVertical = 1;
    int maxBoth = 1;
    for (int i = 0; i < components; i++) {
      maxHorizontal = Math.max(maxHorizontal, horizontal(i));
      maxVertical = Math.max(maxVertical, vertical(i));
      maxBoth = Math.max(maxBoth, horizontal(i) * vertical(i));
    }
    // Of the component with most samples.
    long blocks = (long) width * height / 64 * maxBoth / maxHorizontal / maxVertical;
    if (blocks > 8L * dataBytes) {
      throw new IIOException(
          "its header says "
              + width
              + "x"
              + height
              + " pixels, but "
              + dataBytes
              + " bytes of image data cannot hold them; it is probably truncated");
    }
  }

  /** Counts the scans of an image that has several, up to its end marker. */
  private void checkScans(int firstData) throws IIOException {
    long pixels = (long) u16(frameAt + 1) * u16(frameAt + 3);
    int scans = 1;
    int at = firstData;
    while (true) {
      at = afterMarker(at);
      int marker = at <= file.length ? file[at - 1] & 0xff : -1;
      if (marker == EOI) {
        return;
      }
      if (marker >= 0 && standsAlone(marker)) {
        continue;
      }
      if (marker == SOS && (++scans > MAX_SCANS || scans * pixels > MAX_SCANNED_PIXELS)) {
        throw new IIOException(
            "it has " + scans + " scans or more, which no encoder writes at its size");
      }
      if (marker < 0 || at + 2 > file.length) {
        throw new IIOException(
            "its " + scans + " scans have no end marker behind them; it is truncated");
      }
      at += u16(at);
    }
  }

  private int componentId(int i) {
    return file[frameAt + 6 + 3 * i] & 0xff;
  }

  private int horizontal(int i) {
    return file[frameAt + 7 + 3 * i] >> 4 & 15;
  }

  private int vertical(int i) {
    return file[frameAt + 7 + 3 * i] & 15;
  }

  private int u16(int at) {
    return (file[at] & 0xff) << 8 | (file[at + 1] & 0xff);
  }
}
