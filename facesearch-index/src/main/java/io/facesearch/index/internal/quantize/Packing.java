package io.facesearch.index.internal.quantize;

import org.jspecify.annotations.Nullable;

/** How many codes of how many bits lie in a 16-bit word of {@link PackedCodes}. Immutable. */
public enum Packing {
  /** For galleries that the processor's caches hold, more or less. */
  EIGHT_BITS(8, 2, 4, 128, 127, "packed"),

  /** Two thirds of the memory, for galleries where reading takes the time. */
  FIVE_BITS(5, 3, 12, 132, 15, "packed5");

  final int bits;

  /** Codes in a word. */
  public final int fields;

  /** The number of codes of a vector is filled up to a multiple of this. */
  final int multiple;

  /** So many codes have a sum of 16 bits of their own. */
  final int mostInGroup;

  /** Codes go from -this to this. */
  public final int greatestCode;

  /** The name in files. */
  final String layout;

  Packing(int bits, int fields, int multiple, int mostInGroup, int greatestCode, String layout) {
    this.bits = bits;
    this.fields = fields;
    this.multiple = multiple;
    this.mostInGroup = mostInGroup;
    this.greatestCode = greatestCode;
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
    return Math.max(-greatestCode, Math.min(greatestCode, scaled));
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
