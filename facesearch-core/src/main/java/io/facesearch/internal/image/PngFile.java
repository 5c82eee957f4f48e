package io.facesearch.internal.image;

import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import javax.imageio.IIOException;

/**
 * One pass over the chunks of a PNG file. It finds the orientation (eXIf, or a text as ImageMagick
 * writes it), checks the CRC of what makes up the picture, and drops everything else, so that a
 * compressed text or profile that inflates to gigabytes never reaches a codec.
 */
final class PngFile {
  private static final int IHDR = 0x49484452;
  private static final int PLTE = 0x504c5445;
  private static final int IDAT = 0x49444154;
  private static final int IEND = 0x49454e44;
  private static final int TRNS = 0x74524e53;
  private static final int EXIF = 0x65584966;
  private static final int TEXT = 0x74455874;
  private static final int ZTXT = 0x7a545874;

  /** Where ImageMagick and others keep EXIF as a text of hexadecimal digits. */
  private static final String[] RAW_PROFILES = {
    "Raw profile type exif\0", "Raw profile type APP1\0"
  };

  /** More of such a text is not read: the orientation stands at the start. */
  private static final int MAX_TEXT = 1 << 16;

  private static final int[] SIGNATURE = {137, 80, 78, 71, 13, 10, 26, 10};

  /** Bytes around the data of a chunk: length, type and CRC. */
  private static final int CHUNK_OVERHEAD = 12;

  /** Deflate cannot do better; see zlib's technical notes. */
  private static final int MAX_DEFLATE_RATIO = 1032;

  private PngFile() {}

  static boolean matches(byte[] file) {
    if (file.length < SIGNATURE.length) {
      return false;
    }
    for (int i = 0; i < SIGNATURE.length; i++) {
      if ((file[i] & 0xff) != SIGNATURE[i]) {
        return false;
      }
    }
    return true;
  }

  static EncodedImage inspect(byte[] file) throws IIOException {
    byte[] kept = new byte[file.length + CHUNK_OVERHEAD];
    int keptLength = SIGNATURE.length;
    System.arraycopy(file, 0, kept, 0, keptLength);
    int orientation = ExifOrientation.UPRIGHT;
    long imageBytes = 0;
    boolean palette = false;
    boolean exif = false;
    boolean ended = false;
    int at = SIGNATURE.length;
    while (!ended && at < file.length) {
      if (file.length - at < CHUNK_OVERHEAD) {
        throw truncated(at);
      }
      int length = i32(file, at);
      int type = i32(file, at + 4);
      int data = at + 8;
      if (length < 0 || length > file.length - at - CHUNK_OVERHEAD) {
        throw truncated(at);
      }
      if ((type == IHDR) != (at == SIGNATURE.length) || (type == IHDR && length != 13)) {
        throw new IIOException("its header (IHDR) is missing, doubled or of a wrong length");
      }
      if (type == EXIF) {
        orientation = ExifOrientation.find(file, data, data + length);
        exif = true;
      } else if ((type == TEXT || type == ZTXT) && !exif) {
        orientation = Math.max(orientation, ofText(file, data, data + length, type == ZTXT));
      } else if (type == IHDR
          || type == IDAT
          || (type == PLTE && !palette && length <= 768 && length % 3 == 0)
          || (type == TRNS && mayHaveTransparency(file, length, palette))) {
        checkCrc(file, at, length);
        System.arraycopy(file, at, kept, keptLength, length + CHUNK_OVERHEAD);
        keptLength += length + CHUNK_OVERHEAD;
        imageBytes += type == IDAT ? length : 0;
        palette |= type == PLTE;
      }
      ended = type == IEND;
      at = data + length + 4;
    }
    checkPlausible(file, imageBytes);
    byte[] end = {0, 0, 0, 0, 'I', 'E', 'N', 'D', (byte) 0xae, 0x42, 0x60, (byte) 0x82};
    System.arraycopy(end, 0, kept, keptLength, end.length);
    byte[] stream = Arrays.copyOf(kept, keptLength + end.length);
    return new EncodedImage(stream, orientation, EncodedImage.Kind.OTHER);
  }

  /** Elsewhere, and of another length, it says nothing, and stops the codec of the JDK. */
  private static boolean mayHaveTransparency(byte[] file, int length, boolean palette) {
    return switch (file[25]) { // the type of color in the header
      case 0 -> length == 2;
      case 2 -> length == 6;
      case 3 -> palette && length >= 1 && length <= 256;
      default -> false;
    };
  }

  /** The orientation in a chunk of text: a name, a length and hexadecimal digits. */
  private static int ofText(byte[] file, int from, int to, boolean compressed) {
    for (String name : RAW_PROFILES) {
      if (to - from > name.length() && EncodedImage.startsWith(file, from, name)) {
        int start = from + name.length();
        byte[] text =
            compressed
                ? inflate(file, start + 1, to)
                : Arrays.copyOfRange(file, start, Math.min(to, start + MAX_TEXT));
        byte[] exif = ofHex(text);
        int at = EncodedImage.startsWith(exif, 0, "Exif\0\0") ? 6 : 0;
        return ExifOrientation.find(exif, at, exif.length);
      }
    }
    return ExifOrientation.UPRIGHT;
  }

  private static byte[] inflate(byte[] file, int from, int to) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(file, from, Math.max(0, to - from));
      byte[] text = new byte[MAX_TEXT];
      int length = 0;
      while (length < text.length) {
        int n = inflater.inflate(text, length, text.length - length);
        if (n == 0) {
          break;
        }
        length += n;
      }
      return Arrays.copyOf(text, length);
    } catch (DataFormatException e) {
      return new byte[0]; // broken metadata count as none
    } finally {
      inflater.end();
    }
  }

  /** {@code "\nexif\n 1234\n4578..."} */
  private static byte[] ofHex(byte[] text) {
    int at = 0;
    for (int lines = 0; at < text.length && lines < 3; at++) {
      lines += text[at] == '\n' ? 1 : 0;
    }
    byte[] bytes = new byte[(text.length - at) / 2];
    int digits = 0;
    for (; at < text.length && digits / 2 < bytes.length; at++) {
      int digit = Character.digit(text[at], 16);
      if (digit >= 0) {
        bytes[digits / 2] |= (byte) (digits % 2 == 0 ? digit << 4 : digit);
        digits++;
      }
    }
    return Arrays.copyOf(bytes, digits / 2);
  }

  private static IIOException truncated(int at) {
    return new IIOException(
        "its chunk at byte " + at + " does not end within the file; it is probably truncated");
  }

  private static void checkCrc(byte[] file, int at, int length) throws IIOException {
    CRC32 crc = new CRC32();
    crc.update(file, at + 4, length + 4);
    if ((int) crc.getValue() != i32(file, at + 8 + length)) {
      throw new IIOException(
          "the check sum of its chunk at byte " + at + " is wrong; the file is damaged");
    }
  }

  /** Refuses a small file that claims to be a large picture before memory for it is taken. */
  private static void checkPlausible(byte[] file, long imageBytes) throws IIOException {
    if (file.length < SIGNATURE.length + CHUNK_OVERHEAD + 13 || imageBytes == 0) {
      throw new IIOException("it ends before any image data; it is probably truncated");
    }
    long width = i32(file, 16) & 0xffffffffL;
    long height = i32(file, 20) & 0xffffffffL;
    int bits = file[24] & 0xff;
    int channels =
        switch (file[25]) {
          case 2 -> 3;
          case 4 -> 2;
          case 6 -> 4;
          default -> 1;
        };
    // Divided, not multiplied: width and height may be anything up to 2^32.
    double rawBytes = (double) width * height * channels * Math.min(bits, 16) / 8;
    if (rawBytes / MAX_DEFLATE_RATIO > imageBytes) {
      throw new IIOException(
          "its header says "
              + width
              + "x"
              + height
              + " pixels, but "
              + imageBytes
              + " bytes of image data cannot hold them");
    }
  }

  private static int i32(byte[] b, int at) {
    return (b[at] & 0xff) << 24
        | (b[at + 1] & 0xff) << 16
        | (b[at + 2] & 0xff) << 8
        | (b[at + 3] & 0xff);
  }
}
