package io.facesearch.internal.image;

/**
 * Finds the orientation tag in EXIF data. It reads this one tag within the given range and nothing
 * else, so data from a hostile file can neither allocate nor loop; whatever is broken counts as
 * upright.
 */
public final class ExifOrientation {
  /** Rows run from top to bottom, columns from left to right: nothing to turn. */
  static final int UPRIGHT = 1;

  private static final int TAG_ORIENTATION = 0x0112;
  private static final int TYPE_BYTE = 1;
  private static final int TYPE_SHORT = 3;
  private static final int TYPE_LONG = 4;

  private ExifOrientation() {}

  /**
   * Reads the orientation from a TIFF structure, which is what EXIF data is.
   *
   * @param data holds the structure
   * @param from where its byte-order mark is
   * @param to end of the structure, exclusive
   * @return 1 to 8 as EXIF defines them; 1 if there is none
   */
  public static int find(byte[] data, int from, int to) {
    if (to - from < 8) {
      return UPRIGHT;
    }
    boolean little = data[from] == 'I' && data[from + 1] == 'I';
    boolean big = data[from] == 'M' && data[from + 1] == 'M';
    if (!(little || big) || u16(data, from + 2, little) != 42) {
      return UPRIGHT;
    }
    long directory = from + u32(data, from + 4, little);
    if (directory + 2 > to) {
      return UPRIGHT;
    }
    int entries = u16(data, (int) directory, little);
    for (int i = 0; i < entries; i++) {
      long entry = directory + 2 + 12L * i;
      if (entry + 12 > to) {
        return UPRIGHT;
      }
      int at = (int) entry;
      if (u16(data, at, little) == TAG_ORIENTATION) {
        long value =
            switch (u16(data, at + 2, little)) {
              case TYPE_BYTE -> data[at + 8];
              case TYPE_SHORT -> u16(data, at + 8, little);
              case TYPE_LONG -> u32(data, at + 8, little);
              default -> UPRIGHT;
            };
        return value >= 1 && value <= 8 ? (int) value : UPRIGHT;
      }
    }
    return UPRIGHT;
  }

  static int u16(byte[] b, int i, boolean little) {
    int first = b[i] & 0xff;
    int second = b[i + 1] & 0xff;
    return little ? second << 8 | first : first << 8 | second;
  }

  static long u32(byte[] b, int i, boolean little) {
    long first = u16(b, i, little);
    long second = u16(b, i + 2, little);
    return little ? second << 16 | first : first << 16 | second;
  }

  /** Whether columns are taken from the right. */
  static boolean mirrorsX(int orientation) {
    return orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  }

  /** Whether rows are taken from the bottom. */
  static boolean mirrorsY(int orientation) {
    return orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  }
}
