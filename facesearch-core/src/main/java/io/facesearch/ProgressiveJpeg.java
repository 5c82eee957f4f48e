package io.facesearch;

import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.IIOException;

/**
 * Rewrites a progressive JPEG as a sequential one of the same coefficients, so of the same pixels.
 *
 * <p>The JPEG reader of the JDK computes and hands over all pixels after each of the scans, about
 * ten times, and cannot be told not to. Decoding the scans here and letting the reader see one is
 * two to four times as fast.
 *
 * <p>It takes what {@link JpegFile} made: tables of 8 bits, one frame, no metadata before the first
 * scan, an end marker. What no sound file has, such as data that end too early, is refused.
 */
final class ProgressiveJpeg {
  private static final int SOF0 = 0xc0;
  private static final int SOF2 = 0xc2;
  private static final int DHT = 0xc4;
  private static final int RST0 = 0xd0;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int DQT = 0xdb;
  private static final int DRI = 0xdd;
  private static final int APP0 = 0xe0;

  /** A sequential scan may not have more in one unit of interleaving. */
  private static final int MAX_BLOCKS_IN_MCU = 10;

  private static final class Component {
    final int id;
    final int h;
    final int v;

    /** Blocks that hold pixels; scans of one component have only those. */
    int blocksWide;

    int blocksHigh;

    /** Blocks in a row with those that fill up the last unit of interleaving. */
    int stride;

    /** 64 coefficients a block, in zigzag order. */
    short[] coefficients;

    /** By block: bit k is set where coefficient k is not 0; DC does not count. */
    long[] nonZero;

    int predictor;

    Component(int id, int h, int v) {
      this.id = id;
      this.h = h;
      this.v = v;
    }
  }

  /** A Huffman table, made for decoding. */
  private static final class Table {
    static final int FAST_BITS = 9;

    /** By the next 9 bits: length and symbol of the code they start with; 0 if it is longer. */
    final short[] fast = new short[1 << FAST_BITS];

    /** By length: the largest code, or -1, and what to add to a code to get its symbol's index. */
    final int[] maxCode = new int[17];

    final int[] offset = new int[17];
    final byte[] symbols;

    Table(byte[] data, int at, int end) throws IIOException {
      int total = 0;
      for (int i = 0; i < 16; i++) {
        total += data[at + i] & 0xff;
      }
      if (total > 256 || at + 16 + total > end) {
        throw damaged("a Huffman table has " + total + " codes");
      }
      symbols = Arrays.copyOfRange(data, at + 16, at + 16 + total);
      int code = 0;
      int index = 0;
      for (int length = 1; length <= 16; length++) {
        int codes = data[at + length - 1] & 0xff;
        offset[length] = index - code;
        for (int i = 0; i < codes && length <= FAST_BITS; i++) {
          int first = (code + i) << (FAST_BITS - length);
          if (first + (1 << (FAST_BITS - length)) > fast.length) {
            throw damaged("a Huffman table has too many codes of " + length + " bits");
          }
          short entry = (short) (length << 8 | (symbols[index + i] & 0xff));
          Arrays.fill(fast, first, first + (1 << (FAST_BITS - length)), entry);
        }
        code += codes;
        index += codes;
        if (code > 1 << length) {
          throw damaged("a Huffman table has too many codes of " + length + " bits");
        }
        maxCode[length] = codes == 0 ? -1 : code - 1;
        code <<= 1;
      }
    }
  }

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] in;
  private int at;

  // Bits that were taken from the input and not used yet; the lowest are the last.
  private long bits;
  private int bitCount;

  private final ByteArrayOutputStream header = new ByteArrayOutputStream(512);
  private final Table[] dcTables = new Table[4];
  private final Table[] acTables = new Table[4];
  private int restartInterval;

  // The current scan: its components with their tables, the first and last coefficient, the bit
  // that came before (0: none did) and the bit it brings.
  private Component[] parts;
  private Table[] partTables;
  private int from;
  private int to;
  private int high;
  private int low;
  private int endOfBandRun;

  private int width;
  private int height;
  private int mcusWide;
  private int mcusHigh;
  private Component[] components;

  private byte[] out;
  private int outLength;
  private long outBits;
  private int outBitCount;

  private ProgressiveJpeg(byte[] in) {
    this.in = in;
  }

  /**
   * Reads up to the first scan.
   *
   * @param jpeg what {@link JpegFile} made of a progressive file
   */
  static ProgressiveJpeg open(byte[] jpeg) throws IIOException {
    ProgressiveJpeg reader = new ProgressiveJpeg(jpeg);
    reader.at = 2;
    reader.tables();
    return reader;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** Tells whether the same picture can be written as one sequential scan. */
  boolean fitsOneScan() {
    int blocks = 0;
    for (Component c : components) {
      blocks += c.h * c.v;
    }
    return components.length == 1 || blocks <= MAX_BLOCKS_IN_MCU;
  }

  /** Decodes all scans and writes them as one. It takes 2 bytes of memory a sample. */
  byte[] toSequential() throws IIOException {
    for (Component c : components) {
      int padded = c.stride * Math.max(c.blocksHigh, mcusHigh * c.v);
      c.coefficients = new short[Math.multiplyExact(64, padded)];
      c.nonZero = new long[padded];
    }
    do {
      scan();
    } while (tables() != EOI);
    return write();
  }

  private static IIOException damaged(String what) {
    return new IIOException("image data are missing or damaged (" + what + ")");
  }

  // ---- Segments

  /** Reads segments up to the next scan or the end, and returns the marker of that. */
  private int tables() throws IIOException {
    while (true) {
      if (at + 1 >= in.length || in[at] != (byte) 0xff) {
        throw damaged("rubbish before a marker");
      }
      int marker = in[at + 1] & 0xff;
      if (marker == 0xff) {
        at++;
        continue;
      }
      at += 2;
      if (marker == EOI) {
        return marker;
      }
      int length = at + 2 <= in.length ? u16(at) : 0;
      int end = at + length;
      if (length < 2 || end > in.length) {
        throw damaged("a segment ends beyond the file");
      }
      at += 2;
      switch (marker) {
        case SOS -> {
          return marker;
        }
        case DHT -> huffmanTables(end);
        case DRI -> restartInterval = length >= 4 ? u16(at) : 0;
        case SOF2 -> frame(length, end);
        case DQT -> {
          if (components != null && components[0].coefficients != null) {
            throw damaged("a quantization table between scans");
          }
          header.write(in, at - 4, length + 2);
        }
        default -> {
          if (marker >= APP0 && components != null && components[0].coefficients == null) {
            header.write(in, at - 4, length + 2); // how to understand the colours
          }
        }
      }
      at = end;
    }
  }

  private void huffmanTables(int end) throws IIOException {
    while (at + 17 <= end) {
      int id = in[at] & 0xff;
      if ((id & 15) > 3 || id >> 4 > 1) {
        throw damaged("Huffman table number " + id);
      }
      Table table = new Table(in, at + 1, end);
      (id >> 4 == 0 ? dcTables : acTables)[id & 15] = table;
      at += 17 + table.symbols.length;
    }
  }

  private void frame(int length, int end) {
    height = u16(at + 1);
    width = u16(at + 3);
    components = new Component[in[at + 5]];
    int maxH = 1;
    int maxV = 1;
    for (int i = 0; i < components.length; i++) {
      int spec = at + 6 + 3 * i;
      Component c = new Component(in[spec] & 0xff, in[spec + 1] >> 4, in[spec + 1] & 15);
      components[i] = c;
      maxH = Math.max(maxH, c.h);
      maxV = Math.max(maxV, c.v);
    }
    mcusWide = ceilDiv(width, 8 * maxH);
    mcusHigh = ceilDiv(height, 8 * maxV);
    for (Component c : components) {
      c.blocksWide = ceilDiv(width * c.h, 8 * maxH);
      c.blocksHigh = ceilDiv(height * c.v, 8 * maxV);
      c.stride = Math.max(c.blocksWide, mcusWide * c.h);
    }
    header.write(0xff);
    header.write(SOF0);
    header.write(in, end - length, length);
  }

  private static int ceilDiv(int a, int b) {
    return (a + b - 1) / b;
  }

  private int u16(int i) {
    return (in[i] & 0xff) << 8 | (in[i + 1] & 0xff);
  }

  // ---- Scans

  private void scan() throws IIOException {
    scanHeader();
    bits = 0;
    bitCount = 0;
    restart();
    boolean single = parts.length == 1;
    int wide = single ? parts[0].blocksWide : mcusWide;
    int tall = single ? parts[0].blocksHigh : mcusHigh;
    int untilRestart = restartInterval;
    int restarts = 0;
    for (int y = 0; y < tall; y++) {
      for (int x = 0; x < wide; x++) {
        if (restartInterval > 0 && untilRestart-- == 0) {
          restartMarker(restarts++ & 7);
          restart();
          untilRestart = restartInterval - 1;
        }
        if (single) {
          block(0, y * parts[0].stride + x);
        } else {
          mcu(x, y);
        }
      }
    }
    if (endOfBandRun > 0) {
      throw damaged("a run of blocks goes beyond the picture");
    }
    endOfData();
  }

  private void scanHeader() throws IIOException {
    int count = in[at] & 0xff;
    int end = at - 2 + u16(at - 2);
    if (count < 1 || count > components.length || end - at != 4 + 2 * count) {
      throw damaged("a scan of " + count + " components");
    }
    int spectral = at + 1 + 2 * count;
    from = in[spectral] & 0xff;
    to = in[spectral + 1] & 0xff;
    high = in[spectral + 2] >> 4 & 15;
    low = in[spectral + 2] & 15;
    boolean dc = from == 0;
    if (dc ? to != 0 : from > to || to > 63 || count != 1) {
      throw damaged("a scan of coefficients " + from + " to " + to);
    }
    if (low > 13 || (high != 0 && high != low + 1)) {
      throw damaged("a scan of bits " + high + " to " + low);
    }
    parts = new Component[count];
    partTables = new Table[count];
    for (int i = 0; i < count; i++) {
      int id = in[at + 1 + 2 * i] & 0xff;
      int table = in[at + 2 + 2 * i] >> (dc ? 4 : 0) & 15;
      for (Component c : components) {
        if (c.id == id && !Arrays.asList(parts).contains(c)) {
          parts[i] = c;
        }
      }
      partTables[i] = table > 3 ? null : (dc ? dcTables : acTables)[table];
      // The scan that adds a bit to DC needs no table.
      if (parts[i] == null || (partTables[i] == null && !(dc && high > 0))) {
        throw damaged("a scan of component " + id + " with table " + table);
      }
    }
    at = end;
  }

  private void restart() {
    for (Component c : parts) {
      c.predictor = 0;
    }
    endOfBandRun = 0;
  }

  private void restartMarker(int number) throws IIOException {
    endOfData();
    while (at + 1 < in.length && in[at + 1] == (byte) 0xff) {
      at++;
    }
    if (at + 1 >= in.length || (in[at + 1] & 0xff) != RST0 + number) {
      throw damaged("no restart marker " + number);
    }
    at += 2;
    bits = 0;
    bitCount = 0;
  }

  /** Checks that the data that were decoded end where the data end. */
  private void endOfData() throws IIOException {
    fill();
    if (bitCount >= 8) {
      throw damaged("more data than blocks");
    }
  }

  private void mcu(int x, int y) throws IIOException {
    for (int i = 0; i < parts.length; i++) {
      Component c = parts[i];
      for (int v = 0; v < c.v; v++) {
        for (int h = 0; h < c.h; h++) {
          block(i, (y * c.v + v) * c.stride + x * c.h + h);
        }
      }
    }
  }

  private void block(int part, int block) throws IIOException {
    Component c = parts[part];
    if (from > 0) {
      if (high == 0) {
        firstAc(c, block);
      } else {
        refineAc(c, block);
      }
    } else if (high == 0) {
      int size = symbol(partTables[part]);
      if (size > 15) {
        throw damaged("a difference of " + size + " bits");
      }
      c.predictor += extend(take(size), size);
      c.coefficients[64 * block] = (short) (c.predictor << low);
    } else if (take(1) != 0) {
      c.coefficients[64 * block] |= (short) (1 << low);
    }
  }

  private void firstAc(Component c, int block) throws IIOException {
    if (endOfBandRun > 0) {
      endOfBandRun--;
      return;
    }
    for (int k = from; k <= to; k++) {
      int symbol = symbol(partTables[0]);
      int run = symbol >> 4;
      int size = symbol & 15;
      if (size != 0) {
        k += run;
        if (k > to) {
          throw damaged("a coefficient beyond its block");
        }
        c.coefficients[64 * block + k] = (short) (extend(take(size), size) << low);
        c.nonZero[block] |= 1L << k;
      } else if (run == 15) {
        k += 15;
      } else {
        endOfBandRun = (1 << run) + take(run) - 1;
        return;
      }
    }
  }

  /** Adds one bit to coefficients that are not 0, and finds those that become 1 or -1 by it. */
  private void refineAc(Component c, int block) throws IIOException {
    int plus = 1 << low;
    int k = from;
    while (endOfBandRun == 0 && k <= to) {
      int symbol = symbol(partTables[0]);
      int run = symbol >> 4;
      int size = symbol & 15;
      int value = 0;
      if (size == 1) {
        value = take(1) != 0 ? plus : -plus;
      } else if (size != 0) {
        throw damaged("a new coefficient of " + size + " bits");
      } else if (run < 15) {
        endOfBandRun = (1 << run) + take(run);
        break;
      }
      // Pass the given number of zeros, refine what lies between them, and stop at the next zero.
      long known = c.nonZero[block];
      int end = k;
      for (int zeros = run; end <= to; end++) {
        if ((known >>> end & 1) == 0 && --zeros < 0) {
          break;
        }
      }
      refine(c, block, k, end, plus);
      if (value != 0) {
        if (end > to) {
          throw damaged("a coefficient beyond its block");
        }
        c.coefficients[64 * block + end] = (short) value;
        c.nonZero[block] |= 1L << end;
      }
      k = end + 1;
    }
    if (endOfBandRun > 0) {
      refine(c, block, k, to + 1, plus);
      endOfBandRun--;
    }
  }

  private void refine(Component c, int block, int first, int end, int plus) throws IIOException {
    // Shifts count modulo 64, and "end" may be 64.
    long below = end > 63 ? -1L : (1L << end) - 1;
    long rest = first > 63 ? 0 : c.nonZero[block] & below & (-1L << first);
    for (; rest != 0; rest &= rest - 1) {
      int i = 64 * block + Long.numberOfTrailingZeros(rest);
      int value = c.coefficients[i];
      if (take(1) != 0 && (value & plus) == 0) {
        c.coefficients[i] = (short) (value >= 0 ? value + plus : value - plus);
      }
    }
  }

  // ---- Bits

  private int symbol(Table table) throws IIOException {
    if (bitCount < 16) {
      fill();
    }
    int entry = table.fast[peek(Table.FAST_BITS)];
    if (entry != 0) {
      bitCount -= entry >> 8;
      checkBits();
      return entry & 0xff;
    }
    for (int length = Table.FAST_BITS + 1; length <= 16; length++) {
      int code = peek(length);
      if (code <= table.maxCode[length]) {
        bitCount -= length;
        checkBits();
        return table.symbols[code + table.offset[length]] & 0xff;
      }
    }
    throw damaged("a code that is not in its table");
  }

  private int take(int count) throws IIOException {
    if (bitCount < count) {
      fill();
    }
    bitCount -= count;
    checkBits();
    return (int) (bits >>> bitCount) & ((1 << count) - 1);
  }

  private void checkBits() throws IIOException {
    if (bitCount < 0) {
      throw damaged("data end too early");
    }
  }

  /** The next bits, as if zeros came behind the last. */
  private int peek(int count) {
    int missing = count - bitCount;
    long value = missing > 0 ? bits << missing : bits >>> -missing;
    return (int) value & ((1 << count) - 1);
  }

  /** Takes bytes up to the next marker. */
  private void fill() {
    if (bitCount <= 32 && at + 4 <= in.length) {
      int four = (int) INTS.get(in, at);
      if (!hasFf(four)) {
        bits = bits << 32 | (four & 0xffffffffL);
        bitCount += 32;
        at += 4;
        return;
      }
    }
    while (bitCount <= 48 && at < in.length) {
      int b = in[at] & 0xff;
      if (b == 0xff) {
        if (at + 1 >= in.length || in[at + 1] != 0) {
          return;
        }
        at++;
      }
      at++;
      bits = bits << 8 | b;
      bitCount += 8;
    }
  }

  /**
   * Tells whether one of four bytes is 0xff: its top bit is set, and adding 1 to the rest sets it.
   */
  private static boolean hasFf(int four) {
    return (four & 0x80808080 & ((four & 0x7f7f7f7f) + 0x01010101)) != 0;
  }

  /** The value of a number of {@code size} bits whose negative values are written minus one. */
  private static int extend(int value, int size) {
    return size > 0 && value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  // ---- Writing

  /** All codes have one length, which costs a few bytes and saves counting symbols beforehand. */
  private static final int DC_CODE_BITS = 5;

  private static final int AC_CODE_BITS = 8;

  /** Coefficients of AC have 10 bits at most when samples have 8; one for rounding. */
  private static final int MAX_AC_BITS = 11;

  private static final int[] AC_CODES = new int[256];
  private static final byte[] TABLES = codeTables();

  private static byte[] codeTables() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    List<Integer> dc = new ArrayList<>();
    for (int size = 0; size <= 15; size++) {
      dc.add(size);
    }
    codeTable(bytes, 0x00, DC_CODE_BITS, dc);
    List<Integer> ac = new ArrayList<>();
    for (int symbol = 0; symbol < 256; symbol++) {
      // Of those without a coefficient, only "end of block" and "16 zeros" exist.
      int bits = symbol & 15;
      if (bits == 0 ? symbol == 0x00 || symbol == 0xf0 : bits <= MAX_AC_BITS) {
        AC_CODES[symbol] = ac.size();
        ac.add(symbol);
      }
    }
    codeTable(bytes, 0x10, AC_CODE_BITS, ac);
    return bytes.toByteArray();
  }

  private static void codeTable(
      ByteArrayOutputStream bytes, int id, int length, List<Integer> symbols) {
    bytes.write(0xff);
    bytes.write(DHT);
    int size = 2 + 17 + symbols.size();
    bytes.write(size >> 8);
    bytes.write(size);
    bytes.write(id);
    for (int i = 1; i <= 16; i++) {
      bytes.write(i == length ? symbols.size() : 0);
    }
    symbols.forEach(bytes::write);
  }

  private byte[] write() throws IIOException {
    out = new byte[Math.max(1024, in.length + in.length / 2)];
    put(new byte[] {(byte) 0xff, (byte) 0xd8});
    put(header.toByteArray());
    put(TABLES);
    put(new byte[] {(byte) 0xff, (byte) SOS, 0, (byte) (6 + 2 * components.length)});
    put(new byte[] {(byte) components.length});
    for (Component c : components) {
      put(new byte[] {(byte) c.id, 0});
      c.predictor = 0;
    }
    put(new byte[] {0, 63, 0});
    if (components.length == 1) {
      Component c = components[0];
      for (int y = 0; y < c.blocksHigh; y++) {
        for (int x = 0; x < c.blocksWide; x++) {
          writeBlock(c, y * c.stride + x);
        }
      }
    } else {
      for (int y = 0; y < mcusHigh; y++) {
        for (int x = 0; x < mcusWide; x++) {
          writeMcu(x, y);
        }
      }
    }
    putBits(0x7f, 7); // fills the last byte up
    flushBytes();
    put(new byte[] {(byte) 0xff, (byte) EOI});
    return Arrays.copyOf(out, outLength);
  }

  private void writeMcu(int x, int y) throws IIOException {
    for (Component c : components) {
      for (int v = 0; v < c.v; v++) {
        for (int h = 0; h < c.h; h++) {
          writeBlock(c, (y * c.v + v) * c.stride + x * c.h + h);
        }
      }
    }
  }

  private void writeBlock(Component c, int block) throws IIOException {
    reserve(512); // 64 coefficients of up to 20 bits, each byte twice
    short[] coefficients = c.coefficients;
    int difference = coefficients[64 * block] - c.predictor;
    c.predictor = coefficients[64 * block];
    int dcSize = difference == 0 ? 0 : size(difference, 15);
    putNumber(dcSize, DC_CODE_BITS, difference, dcSize);
    int last = 0;
    for (long rest = c.nonZero[block]; rest != 0; rest &= rest - 1) {
      int k = Long.numberOfTrailingZeros(rest);
      int value = coefficients[64 * block + k];
      int run = k - last - 1;
      for (; run > 15; run -= 16) {
        putBits(AC_CODES[0xf0], AC_CODE_BITS);
      }
      int size = size(value, MAX_AC_BITS);
      putNumber(AC_CODES[run << 4 | size], AC_CODE_BITS, value, size);
      last = k;
    }
    if (last < 63) {
      putBits(AC_CODES[0], AC_CODE_BITS);
    }
  }

  private void putNumber(int code, int codeBits, int value, int size) {
    int number = (value > 0 ? value : value - 1) & ((1 << size) - 1);
    putBits(code << size | number, codeBits + size);
  }

  private static int size(int value, int max) throws IIOException {
    int size = 32 - Integer.numberOfLeadingZeros(Math.abs(value));
    if (value == 0 || size > max) {
      throw damaged("a coefficient of " + size + " bits");
    }
    return size;
  }

  private void putBits(int value, int count) {
    outBits = outBits << count | value;
    outBitCount += count;
    if (outBitCount < 32) {
      return;
    }
    int four = (int) (outBits >>> (outBitCount - 32));
    if (hasFf(four)) {
      flushBytes();
    } else {
      INTS.set(out, outLength, four);
      outLength += 4;
      outBitCount -= 32;
    }
  }

  private void flushBytes() {
    while (outBitCount >= 8) {
      outBitCount -= 8;
      byte b = (byte) (outBits >>> outBitCount);
      out[outLength++] = b;
      if (b == (byte) 0xff) {
        out[outLength++] = 0;
      }
    }
  }

  private void put(byte[] bytes) {
    reserve(bytes.length);
    System.arraycopy(bytes, 0, out, outLength, bytes.length);
    outLength += bytes.length;
  }

  private void reserve(int bytes) {
    if (out.length - outLength < bytes) {
      out = Arrays.copyOf(out, out.length + Math.max(bytes, out.length / 2));
    }
  }
}
