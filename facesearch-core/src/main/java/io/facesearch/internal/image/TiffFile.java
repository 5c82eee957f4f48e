package io.facesearch.internal.image;

import java.util.Arrays;
import java.util.Set;
import javax.imageio.IIOException;

/**
 * One pass over the first directory of a TIFF or BigTIFF file. It finds the orientation, refuses
 * what the file cannot hold before memory is taken for it, and makes a copy whose only directory
 * holds what makes up the picture: no chain of directories, profile or EXIF reaches a codec.
 */
final class TiffFile {
  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int BITS = 258;
  private static final int COMPRESSION = 259;
  private static final int PHOTOMETRIC = 262;
  private static final int ORIENTATION = 274;
  private static final int SAMPLES = 277;
  private static final int SUBFILE = 254;
  private static final int SUB_DIRECTORIES = 330;
  private static final int DNG_VERSION = 50706;
  private static final int COLOR_FILTER = 32803;
  private static final int LINEAR_RAW = 34892;

  /** Tags of the TIFF 6.0 specification and its supplements that tell what the pixels are. */
  private static final Set<Integer> KEPT =
      Set.of(
          WIDTH,
          HEIGHT,
          BITS,
          COMPRESSION,
          PHOTOMETRIC,
          266,
          273,
          SAMPLES,
          278,
          279,
          284,
          292,
          293,
          317,
          320,
          322,
          323,
          324,
          325,
          332,
          338,
          339,
          347,
          512,
          513,
          514,
          515,
          517,
          518,
          519,
          520,
          521,
          529,
          530,
          531,
          532);

  /** Strips or tiles, the longest arrays. */
  private static final int MAX_VALUES = 1 << 22;

  /** Codes of 12 bits that stand for nearly 4,096 bytes each; Deflate is below. */
  private static final int MAX_RATIO = 3000;

  private static final int NONE = 1;

  /** LZW, JPEG, PackBits and Deflate. */
  private static final Set<Integer> READ = Set.of(NONE, 5, 6, 7, 8, 32773, 32946);

  /** Fax: a row may take one bit, so the size of the file says nothing. */
  private static final Set<Integer> FAX = Set.of(2, 3, 4, 32771);

  private final byte[] file;
  private final boolean little;
  private final boolean big;
  private final int entrySize;

  private TiffFile(byte[] file) {
    this.file = file;
    little = file[0] == 'I';
    big = u16(2) == 43;
    entrySize = big ? 20 : 12;
  }

  static boolean matches(byte[] file) {
    return file.length >= 16
        && (EncodedImage.startsWith(file, 0, "II*\0")
            || EncodedImage.startsWith(file, 0, "MM\0*")
            || EncodedImage.startsWith(file, 0, "II+\0\b\0\0\0")
            || EncodedImage.startsWith(file, 0, "MM\0+\0\b\0\0"));
  }

  static EncodedImage inspect(byte[] file) throws IIOException {
    return new TiffFile(file).walk();
  }

  private EncodedImage walk() throws IIOException {
    long directory = big ? i64(8) : u32(4);
    int countSize = big ? 8 : 2;
    if (directory < 8 || directory > file.length - countSize) {
      throw truncated();
    }
    long entries = big ? i64((int) directory) : u16((int) directory);
    long end = directory + countSize + entries * entrySize;
    if (entries < 1 || entries > 0xffff || end > file.length) {
      throw truncated();
    }
    byte[] copy = file.clone();
    int first = (int) directory + countSize;
    int to = first;
    long[] values = new long[1024]; // of the tags that are kept
    boolean raw = EncodedImage.startsWith(file, 8, "CR\2");
    boolean subDirectories = false;
    for (int i = 0; i < entries; i++) {
      int at = first + i * entrySize;
      int tag = u16(at);
      raw |= tag == DNG_VERSION;
      subDirectories |= tag == SUB_DIRECTORIES;
      if (tag == ORIENTATION || tag == SUBFILE) {
        values[tag] = firstValue(at);
      }
      if (KEPT.contains(tag)) {
        checkCovered(at, tag);
        values[tag] = firstValue(at);
        System.arraycopy(file, at, copy, to, entrySize);
        to += entrySize;
      }
    }
    raw |= values[PHOTOMETRIC] == COLOR_FILTER || values[PHOTOMETRIC] == LINEAR_RAW;
    // A first picture that is a preview of another one, which stands where only raw files have it.
    raw |= subDirectories && (values[SUBFILE] & 1) != 0;
    if (raw) {
      throw new IIOException("it is " + ForeignFormat.raw());
    }
    checkPlausible(values);
    putCount(copy, (int) directory, (to - first) / entrySize);
    // The offset of the next directory; where entries were dropped there is room for it.
    int room = Math.min(big ? 8 : 4, copy.length - to);
    Arrays.fill(copy, to, to + room, (byte) 0);
    long orientation = values[ORIENTATION];
    return new EncodedImage(
        copy,
        orientation >= 1 && orientation <= 8 ? (int) orientation : ExifOrientation.UPRIGHT,
        big ? EncodedImage.Kind.BIG_TIFF : EncodedImage.Kind.TIFF);
  }

  private void putCount(byte[] copy, int at, int count) {
    int size = big ? 8 : 2;
    for (int i = 0; i < size; i++) {
      int shift = 8 * (little ? i : size - 1 - i);
      copy[at + i] = shift < 32 ? (byte) (count >> shift) : 0;
    }
  }

  private static IIOException truncated() {
    return new IIOException("its directory does not lie within the file; it is probably truncated");
  }

  private static int size(int type) {
    return switch (type) {
      case 1, 2, 6, 7 -> 1;
      case 3, 8 -> 2;
      case 4, 9, 11, 13 -> 4;
      case 5, 10, 12, 16, 17, 18 -> 8;
      default -> 0;
    };
  }

  private void checkCovered(int at, int tag) throws IIOException {
    int size = size(u16(at + 2));
    long count = big ? i64(at + 4) : u32(at + 4);
    if (size == 0 || count < 1 || count > file.length) {
      throw new IIOException("its tag " + tag + " is damaged");
    }
    long bytes = count * size;
    if (bytes <= (big ? 8 : 4)) {
      return;
    }
    long offset = big ? i64(at + 12) : u32(at + 8);
    boolean bytesOnly = size == 1; // tables of JPEG
    if (offset < 0 || offset > file.length - bytes || (count > MAX_VALUES && !bytesOnly)) {
      throw new IIOException("its tag " + tag + " points beyond the file; it is truncated");
    }
  }

  /** Zero for what is no number. */
  private long firstValue(int at) {
    int size = size(u16(at + 2));
    long count = big ? i64(at + 4) : u32(at + 4);
    if (size == 0 || count < 1 || count > file.length) {
      return 0;
    }
    long place = (long) at + (big ? 12 : 8);
    if (count * size > (big ? 8 : 4)) {
      place = big ? i64((int) place) : u32((int) place);
    }
    if (place < 0 || place > file.length - size) {
      return 0;
    }
    int i = (int) place;
    return switch (u16(at + 2)) {
      case 1 -> file[i] & 0xff;
      case 3 -> u16(i);
      case 4, 13 -> u32(i);
      case 16, 18 -> i64(i);
      default -> 0;
    };
  }

  private void checkPlausible(long[] values) throws IIOException {
    int compression = values[COMPRESSION] == 0 ? NONE : (int) values[COMPRESSION];
    if (!FAX.contains(compression) && !READ.contains(compression)) {
      throw new IIOException(
          "its pixels are compressed by method "
              + compression
              + " of TIFF, which is not supported; save it again with LZW or Deflate, or as PNG");
    }
    if (FAX.contains(compression)) {
      return;
    }
    double bits = Math.max(1, values[BITS]) * (double) Math.max(1, values[SAMPLES]);
    double bytes = (double) values[WIDTH] * values[HEIGHT] * bits / 8;
    // Half, as uncompressed YCbCr leaves out some.
    if (bytes / (compression == NONE ? 2 : MAX_RATIO) > file.length) {
      throw new IIOException(
          "its header says "
              + values[WIDTH]
              + "x"
              + values[HEIGHT]
              + " pixels, but "
              + file.length
              + " bytes cannot hold them; it is probably truncated");
    }
  }

  private int u16(int i) {
    int first = file[i] & 0xff;
    int second = file[i + 1] & 0xff;
    return little ? second << 8 | first : first << 8 | second;
  }

  private long u32(int i) {
    long first = u16(i);
    long second = u16(i + 2);
    return little ? second << 16 | first : first << 16 | second;
  }

  private long i64(int i) {
    long first = u32(i);
    long second = u32(i + 4);
    return little ? second << 32 | first : first << 32 | second;
  }
}
