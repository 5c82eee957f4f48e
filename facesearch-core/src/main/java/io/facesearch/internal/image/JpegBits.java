package io.facesearch.internal.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import javax.imageio.IIOException;

/**
 * The bits of the entropy-coded data of a JPEG, up to the next marker. Behind them come zeros
 * without end; {@link #check} tells whether any of these were used.
 */
final class JpegBits {
  /** Bits of a code that one look into a table decodes. */
  private static final int LOOK = 9;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] data;

  /** Next byte. At a marker it stays on the marker's 0xff. */
  private int at;

  /** Bits not used yet, from the highest down, and their number. */
  private long bits;

  private int count;

  /** How many of the bits are zeros that are not in the file. */
  private int made;

  JpegBits(byte[] data) {
    this.data = data;
  }

  /** Goes to a byte, which starts anew. */
  void seek(int to) {
    at = to;
    bits = 0;
    count = 0;
    made = 0;
  }

  /** A place between two symbols, to come back to. */
  record Place(int at, long bits, int count, int made) {}

  Place place() {
    return new Place(at, bits, count, made);
  }

  void goTo(Place place) {
    at = place.at;
    bits = place.bits;
    count = place.count;
    made = place.made;
  }

  /** Leaves the rest of the current byte, and tells where the next one is. */
  int position() {
    int unread = Math.max(0, count - made) >> 3;
    int from = at;
    for (int i = 0; i < unread; i++) {
      from--;
      if (data[from] == 0 && data[from - 1] == (byte) 0xff) {
        from--;
      }
    }
    return from;
  }

  void check() throws IIOException {
    if (count < made) {
      throw new IIOException("image data are missing or damaged before byte " + at);
    }
  }

  private void fill() {
    if (at <= data.length - 8) {
      long next = (long) LONG.get(data, at);
      // No byte of the eight is 0xff.
      if (((~next - 0x0101010101010101L) & next & 0x8080808080808080L) == 0) {
        bits |= next >>> count;
        int bytes = (64 - count) >> 3;
        at += bytes;
        count += bytes << 3;
        // What came along of a byte that is not counted is read again.
        bits &= count == 64 ? -1L : ~(-1L >>> count);
        return;
      }
    }
    while (count <= 56) {
      if (at < data.length && data[at] != (byte) 0xff) {
        bits |= (data[at++] & 0xffL) << (56 - count);
      } else if (at + 1 < data.length && data[at + 1] == 0) {
        bits |= 0xffL << (56 - count);
        at += 2;
      } else {
        made += 8;
      }
      count += 8;
    }
  }

  /** The next 1 to 16 bits as a number without sign. */
  int read(int n) {
    if (count < 32) {
      fill();
    }
    int value = (int) (bits >>> (64 - n));
    bits <<= n;
    count -= n;
    return value;
  }

  int readBit() {
    if (count < 32) {
      fill();
    }
    int value = (int) (bits >>> 63);
    bits <<= 1;
    count--;
    return value;
  }

  /** The next symbol. After it, 16 bits can be taken by {@link #more}. */
  int symbol(Codes codes) throws IIOException {
    if (count < 32) {
      fill();
    }
    int entry = codes.look[(int) (bits >>> (64 - LOOK))];
    if (entry == 0) {
      entry = codes.longCode((int) (bits >>> 48));
    }
    int length = entry >> 8;
    bits <<= length;
    count -= length;
    return entry & 0xff;
  }

  /** The 1 to 15 bits behind a symbol, as JPEG codes numbers with a sign. */
  int more(int n) {
    int value = (int) (bits >>> (64 - n));
    bits <<= n;
    count -= n;
    // Codes of negative numbers start with a 0.
    return value + (((value >> (n - 1)) - 1) & (1 - (1 << n)));
  }

  /** A Huffman table. */
  static final class Codes {
    /** Length of the code and symbol of all beginnings of 9 bits; 0 for longer codes. */
    private final short[] look = new short[1 << LOOK];

    /** Code of 16 bits behind the last one of each length, of lengths above 9. */
    private final int[] end = new int[17];

    private final int[] offset = new int[17];
    private final byte[] symbols;

    /**
     * Makes a table.
     *
     * @param data holds 16 counts and the symbols
     * @param from where
     */
    Codes(byte[] data, int from, int size) throws IIOException {
      symbols = new byte[size];
      System.arraycopy(data, from + 16, symbols, 0, size);
      int code = 0;
      int symbol = 0;
      for (int length = 1; length <= 16; length++) {
        int n = data[from + length - 1] & 0xff;
        if (code + n > 1 << length) {
          throw new IIOException("its Huffman tables are damaged");
        }
        offset[length] = symbol - code;
        for (int i = 0; i < n && length <= LOOK; i++) {
          int first = (code + i) << (LOOK - length);
          for (int j = 0; j < 1 << (LOOK - length); j++) {
            look[first + j] = (short) (length << 8 | (symbols[symbol + i] & 0xff));
          }
        }
        symbol += n;
        code += n;
        end[length] = code << (16 - length);
        code <<= 1;
      }
    }

    private int longCode(int bits) throws IIOException {
      for (int length = LOOK + 1; length <= 16; length++) {
        if (bits < end[length]) {
          int i = offset[length] + (bits >> (16 - length));
          if (i >= 0 && i < symbols.length) {
            return length << 8 | (symbols[i] & 0xff);
          }
        }
      }
      throw new IIOException("image data are damaged: they hold a code that is in no table");
    }
  }
}
