package io.facesearch.internal.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import javax.imageio.IIOException;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the scans of a baseline, extended or progressive JPEG of 8 bits with Huffman codes, which
 * is what cameras and the web write.
 *
 * <p>Why not ImageIO: its native codec transforms the whole picture once for each scan of a
 * progressive file, which takes two to six times as long, and takes an end marker that is missing
 * or padded for damage. The libraries that were looked at bring or need native code of their own.
 */
public final class JpegDecoder {
  /** Encoders write about 10 scans. Each costs a pass over all blocks, however short it is. */
  static final int MAX_SCANS = 64;

  /** So 20 scans of an image of 100 million pixels. */
  private static final long MAX_SCANNED_PIXELS = 1L << 31;

  /** Bytes of zero at the end of image data that are suspicious. */
  private static final int ZEROS = 16;

  private final JpegFile file;
  private final byte[] data;
  private final JpegBits bits;
  private final JpegComponent[] components;
  private final int[][] quantization = new int[4][];
  private final JpegBits.Codes[] dcCodes = new JpegBits.Codes[4];
  private final JpegBits.Codes[] acCodes = new JpegBits.Codes[4];
  private int restartInterval;
  private int scans;

  // Of the scan.
  private JpegComponent[] scanned = {};
  private int start;
  private int end;
  private int high;
  private int low;

  /** Blocks without coefficients that are still to come. */
  private int emptyBlocks;

  /** Where each row of units starts, if it is to be known. */
  private @Nullable List<RowStart> starts;

  /** Where a row of units starts, and what was before it. */
  record RowStart(JpegBits.Place place, int left, int[] dc) {}

  private JpegDecoder(JpegFile file, JpegComponent[] components) {
    this.file = file;
    this.components = components;
    data = file.bytes();
    bits = new JpegBits(data);
  }

  private static JpegDecoder whole(JpegFile file) {
    JpegComponent[] components = new JpegComponent[file.components()];
    for (int i = 0; i < components.length; i++) {
      components[i] = new JpegComponent(file, i);
    }
    return new JpegDecoder(file, components);
  }

  /** Decodes the picture, upright. */
  public static RgbPixels decode(JpegFile file) throws IIOException {
    JpegDecoder decoder = whole(file);
    decoder.walk();
    if (file.isProgressive()) {
      for (JpegComponent component : decoder.components) {
        component.finish();
      }
    }
    return RgbConversion.turn(
        file.width(),
        file.height(),
        file.orientation(),
        new JpegPixels(file, decoder.components, file.width()));
  }

  /**
   * Decodes half the size, and learns where the rows of the file start.
   *
   * @param file of one scan and even sides, see {@link LargeJpeg#suits}
   */
  static JpegDecoder half(JpegFile file) throws IIOException {
    JpegComponent[] components = new JpegComponent[file.components()];
    for (int i = 0; i < components.length; i++) {
      boolean whole =
          file.horizontal(i) == file.maxHorizontal() && file.vertical(i) == file.maxVertical();
      components[i] = new JpegComponent(file, i, file.width(), file.height(), whole ? 4 : 8);
    }
    JpegDecoder decoder = new JpegDecoder(file, components);
    decoder.starts = new ArrayList<>();
    decoder.walk();
    return decoder;
  }

  /** The picture in half its size, upright; once only, as it lets go of the samples. */
  RgbPixels halfImage() {
    int width = file.width() / 2;
    RgbPixels image =
        RgbConversion.turn(
            width, file.height() / 2, file.orientation(), JpegPixels.half(file, components, width));
    for (JpegComponent component : components) {
      component.samples = JpegComponent.NO_BYTES;
    }
    return image;
  }

  /** Whether the rows can be found again; not if the file surprised by its scans. */
  boolean knowsRows() {
    return scans == 1 && starts != null && starts.size() == unitRows();
  }

  /**
   * Decodes a part in the full size; several threads may do so at once.
   *
   * @param firstX first unit of the scan, from the left
   * @param firstY first unit, from the top
   * @param width pixels from there on, not beyond the picture
   * @param height pixels from there on
   * @return the rows of the part
   */
  JpegPixels part(int firstX, int firstY, int width, int height) throws IIOException {
    JpegComponent[] parts = new JpegComponent[components.length];
    JpegDecoder decoder = new JpegDecoder(file, parts);
    decoder.scanned = new JpegComponent[scanned.length];
    for (int i = 0; i < parts.length; i++) {
      JpegComponent known = components[i];
      parts[i] = new JpegComponent(file, i, width, height, 8);
      parts[i].quantization = known.quantization;
      parts[i].dcCodes = known.dcCodes;
      parts[i].acCodes = known.acCodes;
      decoder.scanned[Arrays.asList(scanned).indexOf(known)] = parts[i];
    }
    decoder.restartInterval = restartInterval;
    List<RowStart> rowStarts = Objects.requireNonNull(starts);
    int columns = JpegComponent.divideUp(width, 8 * file.maxHorizontal());
    int rows = JpegComponent.divideUp(height, 8 * file.maxVertical());
    for (int y = 0; y < rows; y++) {
      decoder.row(rowStarts.get(firstY + y), firstX, columns, y);
    }
    return new JpegPixels(file, parts, width);
  }

  /** Decodes a row of units from its start to the last column of the part. */
  private void row(RowStart from, int firstX, int columns, int y) throws IIOException {
    bits.goTo(from.place());
    int left = from.left();
    for (int i = 0; i < scanned.length; i++) {
      scanned[i].dc = from.dc()[i];
    }
    for (int x = -firstX; x < columns; x++) {
      if (left-- == 0) {
        left = nextInterval() - 1;
      }
      if (x >= 0) {
        unit(x, y);
      } else {
        skipUnit();
      }
    }
  }

  private void skipUnit() throws IIOException {
    for (JpegComponent c : scanned) {
      for (int b = c.horizontal * c.vertical; b > 0; b--) {
        nextDc(c);
        for (int k = 1; k < 64; k++) {
          int symbol = bits.symbol(c.acCodes);
          int size = symbol & 15;
          if (size == 0 && symbol != 0xf0) {
            break;
          }
          k += symbol >> 4;
          bits.more(size);
        }
      }
    }
  }

  private int unitRows() {
    return JpegComponent.divideUp(file.height(), 8 * file.maxVertical());
  }

  private void walk() throws IIOException {
    int at = 2;
    while (true) {
      int from = at;
      at = file.afterMarker(at);
      int marker = at <= data.length ? data[at - 1] & 0xff : 0;
      if (scans > 0) {
        checkBetween(from, Math.min(at - 1, data.length));
      }
      if (JpegFile.standsAlone(marker) && at <= data.length) {
        continue;
      }
      if (marker == JpegFile.EOI && isUsable()) {
        return;
      }
      int length = marker != JpegFile.EOI && at + 2 <= data.length ? file.u16(at) : 0;
      if (length < 2 || length > data.length - at) {
        throw new IIOException(
            "its image data end too early, after " + scans + " scans; it is probably truncated");
      }
      int payload = at + 2;
      at += length;
      switch (marker) {
        case JpegFile.DQT -> quantizationTables(payload, at);
        case JpegFile.DHT -> huffmanTables(payload, at);
        case JpegFile.DRI -> restartInterval = length >= 4 ? file.u16(payload) : 0;
        case JpegFile.SOS -> {
          scan(payload, at);
          at = bits.position();
          if (isComplete()) {
            checkEnd(at);
            return; // whatever follows, be it an end marker or not
          }
        }
        default -> {}
      }
    }
  }

  /** Between scans, anything but filling means that codes were damaged. */
  private void checkBetween(int from, int to) throws IIOException {
    for (int i = from; i < to; i++) {
      if (data[i] != 0 && data[i] != (byte) 0xff) {
        throw new IIOException("image data are damaged before byte " + to);
      }
    }
  }

  /**
   * A file whose rest never arrived, but whose place was kept, ends in zeros, which are codes, too.
   */
  private void checkEnd(int at) throws IIOException {
    for (int i = at - 1; i >= at - ZEROS; i--) {
      if (data[i] != 0) {
        return;
      }
    }
    for (int i = at; i < data.length - 1; i++) {
      if (data[i] == (byte) 0xff && (data[i + 1] & 0xff) == JpegFile.EOI) {
        return;
      }
    }
    throw new IIOException("its image data end in zeros, without an end marker; it is truncated");
  }

  private boolean isComplete() {
    for (JpegComponent component : components) {
      for (byte missing : component.missing) {
        if (missing != 0) {
          return false;
        }
      }
    }
    return true;
  }

  /** Tells whether a file may end here by its own word: it need not hold the finest detail. */
  private boolean isUsable() {
    return scans > 0 && Arrays.stream(components).allMatch(c -> c.missing[0] >= 0);
  }

  private void quantizationTables(int from, int to) throws IIOException {
    int at = from;
    while (at < to) {
      int wide = data[at] >> 4 & 15;
      int size = wide == 0 ? 64 : 128;
      if (to - at - 1 < size || (data[at] & 15) > 3) {
        throw new IIOException("its quantisation tables are damaged");
      }
      int[] table = new int[64];
      for (int k = 0; k < 64; k++) {
        table[k] = wide == 0 ? data[at + 1 + k] & 0xff : file.u16(at + 1 + 2 * k);
      }
      quantization[data[at] & 15] = table;
      at += 1 + size;
    }
  }

  private void huffmanTables(int from, int to) throws IIOException {
    int at = from;
    while (at < to) {
      int size = 0;
      for (int i = 1; i <= 16 && at + i < to; i++) {
        size += data[at + i] & 0xff;
      }
      int kind = data[at] & 0xff;
      if (size > 256 || to - at < 17 + size || (kind & 0xec) != 0) {
        throw new IIOException("its Huffman tables are damaged");
      }
      JpegBits.Codes[] tables = kind >= 16 ? acCodes : dcCodes;
      tables[kind & 3] = new JpegBits.Codes(data, at + 1, size);
      at += 17 + size;
    }
  }

  private void scan(int payload, int to) throws IIOException {
    int n = to > payload ? data[payload] & 0xff : 0;
    if (n < 1 || n > components.length || to - payload != 4 + 2 * n) {
      throw new IIOException("the header of scan " + (scans + 1) + " is damaged");
    }
    scans++;
    if (scans > MAX_SCANS || scans * (long) file.width() * file.height() > MAX_SCANNED_PIXELS) {
      throw new IIOException(
          "it has " + scans + " scans or more, which no encoder writes at its size");
    }
    int parameters = payload + 1 + 2 * n;
    boolean progressive = file.isProgressive();
    start = progressive ? data[parameters] & 0xff : 0;
    end = progressive ? data[parameters + 1] & 0xff : 63;
    high = progressive ? data[parameters + 2] >> 4 & 15 : 0;
    low = progressive ? data[parameters + 2] & 15 : 0;
    if (progressive
        && (start > end
            || end > 63
            || low > 13
            || (start == 0 && end != 0)
            || (start > 0 && n > 1)
            || (high != 0 && high != low + 1))) {
      throw new IIOException("the header of scan " + scans + " is damaged");
    }
    scanned = new JpegComponent[n];
    for (int i = 0; i < n; i++) {
      int id = data[payload + 1 + 2 * i] & 0xff;
      int tables = data[payload + 2 + 2 * i] & 0xff;
      scanned[i] = select(id, i, tables);
    }
    bits.seek(to);
    if (n == 1) {
      scanOne(scanned[0]);
    } else {
      scanAll();
    }
    bits.check();
  }

  private JpegComponent select(int id, int index, int tables) throws IIOException {
    JpegComponent found = null;
    for (JpegComponent component : components) {
      if (component.id == id
          && found == null
          && !Arrays.asList(scanned).subList(0, index).contains(component)) {
        found = component;
      }
    }
    if (found == null) {
      throw new IIOException("scan " + scans + " names component " + id + ", which is not there");
    }
    for (int k = start; k <= end; k++) {
      int expected = high == 0 ? -1 : high;
      if (found.missing[k] != expected || (k > 0 && found.missing[0] < 0 && start > 0)) {
        throw new IIOException("scan " + scans + " does not follow those before it");
      }
      found.missing[k] = (byte) low;
    }
    int[] table = quantization[found.table & 3];
    if (found.quantization.length == 0 && table != null) {
      found.quantization = table;
    }
    boolean needsDc = start == 0 && high == 0;
    boolean needsAc = end > 0;
    found.dcCodes = dcCodes[tables >> 4 & 3];
    found.acCodes = acCodes[tables & 3];
    if (found.quantization.length == 0
        || (needsDc && found.dcCodes == null)
        || (needsAc && found.acCodes == null)) {
      throw new IIOException("it lacks the tables of scan " + scans);
    }
    return found;
  }

  private void scanOne(JpegComponent c) throws IIOException {
    int left = restart();
    for (int y = 0; y < c.blocksY; y++) {
      for (int x = 0; x < c.blocksX; x++) {
        if (left-- == 0) {
          left = nextInterval() - 1;
        }
        block(c, x, y);
      }
      bits.check();
    }
  }

  private void scanAll() throws IIOException {
    int columns = JpegComponent.divideUp(file.width(), 8 * file.maxHorizontal());
    int rows = unitRows();
    int left = restart();
    for (int y = 0; y < rows; y++) {
      if (starts != null) {
        starts.add(
            new RowStart(bits.place(), left, Arrays.stream(scanned).mapToInt(c -> c.dc).toArray()));
      }
      for (int x = 0; x < columns; x++) {
        if (left-- == 0) {
          left = nextInterval() - 1;
        }
        unit(x, y);
      }
      bits.check();
    }
  }

  private void unit(int x, int y) throws IIOException {
    for (JpegComponent c : scanned) {
      for (int v = 0; v < c.vertical; v++) {
        for (int h = 0; h < c.horizontal; h++) {
          block(c, x * c.horizontal + h, y * c.vertical + v);
        }
      }
    }
  }

  /** Starts an interval; tells how many units it holds. */
  private int restart() {
    emptyBlocks = 0;
    for (JpegComponent c : scanned) {
      c.dc = 0;
    }
    return restartInterval == 0 ? -1 : restartInterval;
  }

  private int nextInterval() throws IIOException {
    bits.check();
    int from = bits.position();
    int at = from;
    int marker;
    do {
      at = file.afterMarker(at);
      marker = at <= data.length ? data[at - 1] & 0xff : JpegFile.EOI;
    } while (marker == 0); // not a marker, but data that are too many
    if (marker < JpegFile.RST0 || marker > JpegFile.RST0 + 7) {
      throw new IIOException("image data are missing or damaged before byte " + at);
    }
    if (file.isProgressive()) {
      checkBetween(from, at - 1);
    }
    bits.seek(at);
    return restart();
  }

  private void block(JpegComponent c, int x, int y) throws IIOException {
    if (!file.isProgressive()) {
      sequential(c, x, y);
      return;
    }
    int index = y * c.paddedX + x;
    if (start == 0) {
      if (high == 0) {
        c.coefficients[64 * index] = (short) (nextDc(c) << low);
      } else {
        c.coefficients[64 * index] |= (short) (bits.readBit() << low);
      }
    } else if (high == 0) {
      firstAc(c, index);
    } else {
      refineAc(c, index);
    }
  }

  private int nextDc(JpegComponent c) throws IIOException {
    int size = bits.symbol(c.dcCodes);
    if (size > 15) {
      throw damaged();
    }
    if (size > 0) {
      c.dc += bits.more(size);
    }
    return c.dc;
  }

  private static IIOException damaged() {
    return new IIOException("image data are damaged: a block has too many coefficients");
  }

  private void sequential(JpegComponent c, int x, int y) throws IIOException {
    c.put(0, nextDc(c));
    JpegBits.Codes codes = c.acCodes;
    int last = 0;
    for (int k = 1; k < 64; k++) {
      int symbol = bits.symbol(codes);
      int size = symbol & 15;
      if (size == 0) {
        if (symbol != 0xf0) {
          break;
        }
        k += 15;
        continue;
      }
      k += symbol >> 4;
      if (k > 63) {
        throw damaged();
      }
      c.put(k, bits.more(size));
      last = k;
    }
    c.transform(x, y, last);
  }

  private void firstAc(JpegComponent c, int index) throws IIOException {
    if (emptyBlocks > 0) {
      emptyBlocks--;
      return;
    }
    JpegBits.Codes codes = c.acCodes;
    int from = 64 * index;
    int last = c.last[index];
    for (int k = start; k <= end; k++) {
      int symbol = bits.symbol(codes);
      int run = symbol >> 4;
      int size = symbol & 15;
      if (size == 0) {
        if (run < 15) {
          emptyBlocks = (1 << run) - 1 + (run > 0 ? bits.read(run) : 0);
          break;
        }
        k += 15;
        continue;
      }
      k += run;
      if (k > end) {
        throw damaged();
      }
      c.coefficients[from + k] = (short) (bits.more(size) << low);
      last = Math.max(last, k);
    }
    c.last[index] = (byte) last;
  }

  private void refineAc(JpegComponent c, int index) throws IIOException {
    short[] all = c.coefficients;
    int from = 64 * index;
    int known = c.last[index]; // behind it all are zero
    int k = start;
    if (emptyBlocks == 0) {
      JpegBits.Codes codes = c.acCodes;
      for (; k <= end; k++) {
        int symbol = bits.symbol(codes);
        int run = symbol >> 4;
        int size = symbol & 15;
        int value = 0;
        if (size == 1) {
          value = bits.readBit() == 1 ? 1 << low : -(1 << low);
        } else if (size != 0) {
          throw damaged();
        } else if (run < 15) {
          emptyBlocks = (1 << run) + (run > 0 ? bits.read(run) : 0);
          break;
        }
        for (; k <= known && k <= end; k++) {
          if (all[from + k] != 0) {
            refine(all, from + k);
          } else if (--run < 0) {
            break;
          }
        }
        if (run >= 0) { // the rest are zeros
          k = Math.max(k, known + 1) + run;
        }
        if (value != 0) {
          if (k > end) {
            throw damaged();
          }
          all[from + k] = (short) value;
          if (k > c.last[index]) {
            c.last[index] = (byte) k;
          }
        }
      }
    }
    if (emptyBlocks > 0) {
      for (int stop = Math.min(known, end); k <= stop; k++) {
        if (all[from + k] != 0) {
          refine(all, from + k);
        }
      }
      emptyBlocks--;
    }
  }

  private void refine(short[] all, int i) {
    if (bits.readBit() == 1 && (all[i] & 1 << low) == 0) {
      all[i] += (short) (all[i] >= 0 ? 1 << low : -(1 << low));
    }
  }
}
