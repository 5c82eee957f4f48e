package io.facesearch.index.internal.quantize;

import org.jspecify.annotations.Nullable;

/** How many codes of how many bits lie in a 16-bit word of {@link PackedCodes}. Immutable. */
public enum Packing {
  /** For galleries that the processor's caches hold, more or less. */
  EIGHT_BITS(8, 2, 4, 128, -127, 127, 4096, "packed"),

  /** Half of the memory, for galleries where reading takes the time. */
  FOUR_BITS(4, 4, 4, 4096, -8, 7, 8192, "packed4");

  final int bits;

  /** Codes in a word. */
  public final int fields;

  /** The number of codes of a vector is filled up to a multiple of this. */
  final int multiple;

  /** So many codes have a sum of 16 bits of their own. */
  final int mostInGroup;

  /** Codes go from this ... */
  public final int leastCode;

  /** ... to this. */
  public final int greatestCode;

  /**
   * Points whose words are in the same array. Long arrays matter to C2: of a quarter of the length,
   * they take half as long again. All that is read at a time shall fit in 32 KiB.
   */
  public final int chunk;

  /** The name in files. */
  final String layout;

  Packing(
      int bits,
      int fields,
      int multiple,
      int mostInGroup,
      int leastCode,
      int greatestCode,
      int chunk,
      String layout) {
    this.bits = bits;
    this.fields = fields;
    this.multiple = multiple;
    this.mostInGroup = mostInGroup;
    this.leastCode = leastCode;
    this.greatestCode = greatestCode;
    this.chunk = chunk;
    this.layout = layout;
  }

  /** The packing with a name, or null. */
  public static @Nullable Packing of(String layout) {
    for (Packing packing : values()) {
      if (packing.layout.equals(layout)) {
        return packing;
      }
    }
    return null;
  }

  double clip(double scaled) {
    return Math.max(leastCode, Math.min(greatestCode, scaled));
  }

  public int roundUp(int codes) {
    return (codes + multiple - 1) / multiple * multiple;
  }

  /** The word of the codes from a place on. */
  short word(byte[] codes, int from) {
    int word = codes[from + fields - 1] << bits * (fields - 1);
    for (int t = 0; t < fields - 1; t++) {
      word += codes[from + t] + (1 << bits - 1) << bits * t;
    }
    return (short) word;
  }

  /** A code of a word. */
  int code(short word, int field) {
    int rest = word >> bits * field;
    return field == fields - 1 ? rest : (rest & (1 << bits) - 1) - (1 << bits - 1);
  }
}
