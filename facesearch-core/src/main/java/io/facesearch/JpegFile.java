package io.facesearch;

import java.util.Arrays;
import javax.imageio.IIOException;

/**
 * One pass over the segments of a JPEG file. It finds the orientation, refuses what no codec should
 * be given, and builds the stream that is decoded: frame, tables and scans, without metadata.
 *
 * <p>Why the codec does not get the file itself: metadata segments cost time and are where hostile
 * files attack; ICC profiles of grey and RGB photos would make decoding several times slower, and
 * the models were trained on pixels without them; and a JPEG without a JFIF segment is RGB for one
 * codec and YCbCr for another, which an explicit Adobe segment settles.
 */
final class JpegFile {
  /** Encoders write about 10 scans. Each costs a pass over all blocks, however short it is. */
  static final int MAX_SCANS = 64;

  private static final int SOF0 = 0xc0;
  private static final int SOF2 = 0xc2;
  private static final int DHT = 0xc4;
  private static final int JPG = 0xc8;
  private static final int DAC = 0xcc;
  private static final int SOF15 = 0xcf;
  private static final int RST0 = 0xd0;
  private static final int RST7 = 0xd7;
  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int DQT = 0xdb;
  private static final int APP0 = 0xe0;
  private static final int APP1 = 0xe1;
  private static final int APP2 = 0xe2;
  private static final int APP14 = 0xee;
  private static final int APP15 = 0xef;
  private static final int COM = 0xfe;

  private static final int TRANSFORM_NONE = 0;
  private static final int TRANSFORM_YCC = 1;

  private final byte[] file;
  private byte[] kept;
  private int keptLength;
  private int orientation; // 0: not found yet
  private boolean jfif;
  private int adobeTransform = -1;
  private boolean plain = true;
  private int frame; // marker of the frame header; 0: not found yet
  private int frameAt; // its payload
  private int components;

  // Segments that matter only to images of four components.
  private byte[] profile = new byte[0];

  private JpegFile(byte[] file) {
    this.file = file;
    // Room for the Adobe segment and the end marker that are added.
    this.kept = new byte[file.length + 32];
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
    keep(0, 2);
    int at = 2;
    while (true) {
      while (at < file.length && file[at] != (byte) 0xff) {
        at++; // not between segments, but seen in the wild
      }
      while (at < file.length && file[at] == (byte) 0xff) {
        at++;
      }
      int marker = at < file.length ? file[at] & 0xff : EOI;
      at++;
      if (marker == EOI) {
        throw new IIOException("it ends before any image data; it is probably truncated");
      }
      if (marker <= 1 || marker >= RST0 && marker <= SOI) {
        continue; // stands alone, means nothing here
      }
      int length = at + 2 <= file.length ? u16(at) : 0;
      if (length < 2 || length > file.length - at) {
        throw new IIOException(
            "a segment of " + length + " bytes ends beyond the file; it is probably truncated");
      }
      int payload = at + 2;
      int end = at + length;
      segment(marker, payload, end);
      if (marker == SOS) {
        return finish(at - 2, payload, end);
      }
      at = end;
    }
  }

  private void segment(int marker, int payload, int end) throws IIOException {
    if (marker == APP0) {
      jfif |= EncodedImage.startsWith(file, payload, "JFIF\0");
    } else if (marker == APP1) {
      if (orientation == 0 && EncodedImage.startsWith(file, payload, "Exif\0")) {
        orientation = ExifOrientation.find(file, payload + 6, end);
      }
    } else if (marker == APP2) {
      if (EncodedImage.startsWith(file, payload, "ICC_PROFILE\0")) {
        int old = profile.length;
        int size = end - payload + 4;
        profile = Arrays.copyOf(profile, old + size);
        System.arraycopy(file, payload - 4, profile, old, size);
      }
    } else if (marker == APP14) {
      if (EncodedImage.startsWith(file, payload, "Adobe") && end - payload >= 12) {
        adobeTransform = file[payload + 11] & 0xff;
      }
    } else if (marker > APP14 && marker <= APP15 || marker > APP2 && marker < APP14) {
      // Other metadata.
    } else if (marker != COM) {
      if (marker == DQT && end > payload && (file[payload] & 0xf0) != 0) {
        plain = false; // 16-bit tables need the tolerant reader
      } else if (marker >= SOF0
          && marker <= SOF15
          && marker != DHT
          && marker != JPG
          && marker != DAC) {
        frame(marker, payload, end);
      }
      if (marker != SOS) {
        keep(payload - 4, end);
      }
    }
  }

  private void frame(int marker, int payload, int end) throws IIOException {
    if (frame != 0) {
      throw new IIOException("it has two frame headers, a JPEG file has one");
    }
    int size = end - payload;
    components = size >= 6 ? file[payload + 5] & 0xff : 0;
    if (components < 1 || components > 4 || size != 6 + 3 * components) {
      throw new IIOException(
          "its frame header has " + size + " bytes and " + components + " components");
    }
    frame = marker;
    frameAt = payload;
    if (marker > SOF2 || file[payload] != 8 || components == 2 || components == 4) {
      plain = false;
    }
    for (int i = 0; i < components; i++) {
      int sampling = file[payload + 7 + 3 * i] & 0xff;
      int h = sampling >> 4;
      int v = sampling & 15;
      if (h < 1 || h > 4 || v < 1 || v > 4) {
        throw new IIOException("its sampling factors are " + h + "x" + v + ", expected 1 to 4");
      }
      for (int j = 0; j < i; j++) {
        plain &= file[payload + 6 + 3 * i] != file[payload + 6 + 3 * j];
      }
    }
  }

  private EncodedImage finish(int sos, int payload, int end) throws IIOException {
    if (frame == 0) {
      throw new IIOException("its image data have no frame header");
    }
    checkPlausible(file.length - end);
    int scanComponents = end > payload ? file[payload] & 0xff : 0;
    if (frame == SOF2 || scanComponents != components) {
      checkScans(end);
    }
    if (components == 3) {
      keepAdobe(isRgb() ? TRANSFORM_NONE : TRANSFORM_YCC);
    } else if (components == 4) {
      if (adobeTransform >= 0) {
        keepAdobe(adobeTransform);
      }
      byte[] bigger = Arrays.copyOf(kept, kept.length + profile.length);
      System.arraycopy(profile, 0, bigger, keptLength, profile.length);
      keptLength += profile.length;
      kept = bigger;
    }
    keep(sos, file.length);
    // With an end marker of its own, a file that lost nothing but that marker decodes without a
    // warning; one that lost data decodes with "premature end".
    kept[keptLength++] = (byte) 0xff;
    kept[keptLength++] = (byte) EOI;
    EncodedImage.Kind kind =
        !plain
            ? EncodedImage.Kind.JPEG_OTHER
            : components == 1 ? EncodedImage.Kind.JPEG_GRAY : EncodedImage.Kind.JPEG_COLOR;
    return new EncodedImage(
        Arrays.copyOf(kept, keptLength), orientation == 0 ? 1 : orientation, kind);
  }

  /**
   * Refuses a small file that claims to be a large picture before memory for the picture is taken:
   * every block of 8x8 samples takes at least one bit.
   */
  private void checkPlausible(int dataBytes) throws IIOException {
    int height = u16(frameAt + 1);
    int width = u16(frameAt + 3);
    long blocks = ((height + 7L) / 8) * ((width + 7L) / 8);
    if (frame <= SOF2 && components == 1 && blocks > 8L * dataBytes
        || blocks > 16 * 8L * dataBytes) {
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
    int scans = 1;
    int at = firstData;
    while (true) {
      while (at + 1 < file.length && file[at] != (byte) 0xff) {
        at++;
      }
      while (at + 1 < file.length && file[at] == (byte) 0xff) {
        at++;
      }
      if (at >= file.length || file[at] == (byte) 0xff) {
        throw new IIOException(
            "it ends after " + scans + " scans without an end marker; it is truncated");
      }
      int marker = file[at++] & 0xff;
      if (marker == EOI) {
        return;
      }
      if (marker <= 1 || marker >= RST0 && marker <= SOI) {
        continue; // image data, not a segment
      }
      if (marker == SOS && ++scans > MAX_SCANS) {
        throw new IIOException(
            "it has more than " + MAX_SCANS + " scans, more than any encoder writes");
      }
      if (at + 2 > file.length) {
        throw new IIOException(
            "it ends after " + scans + " scans without an end marker; it is truncated");
      }
      at += u16(at);
    }
  }

  /** The rule of libjpeg, and so of nearly everybody. */
  private boolean isRgb() {
    if (jfif) {
      return false;
    }
    if (adobeTransform >= 0) {
      return adobeTransform == TRANSFORM_NONE;
    }
    return file[frameAt + 6] == 'R' && file[frameAt + 9] == 'G' && file[frameAt + 12] == 'B';
  }

  private void keepAdobe(int transform) {
    byte[] segment = {
      (byte) 0xff,
      (byte) APP14,
      0,
      14,
      'A',
      'd',
      'o',
      'b',
      'e',
      0,
      100,
      0,
      0,
      0,
      0,
      (byte) transform
    };
    System.arraycopy(segment, 0, kept, keptLength, segment.length);
    keptLength += segment.length;
  }

  private void keep(int from, int to) {
    System.arraycopy(file, from, kept, keptLength, to - from);
    keptLength += to - from;
  }

  private int u16(int at) {
    return (file[at] & 0xff) << 8 | file[at + 1] & 0xff;
  }
}
