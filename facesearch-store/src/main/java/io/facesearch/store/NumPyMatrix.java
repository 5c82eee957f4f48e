package io.facesearch.store;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceSearchException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a matrix of floats in a file of NumPy, one after the other; and how one is written.
 * One thread.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">the
 *     format</a>
 */
final class NumPyMatrix implements AutoCloseable {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MOST_HEADER = 1 << 16;
  private static final int MOST_COLUMNS = 1 << 16;

  /** Of a plain array of two dimensions; numpy.save writes the keys in this order. */
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{\\s*'descr':\\s*'([<>|=])?f([48])'\\s*,\\s*'fortran_order':\\s*(True|False)\\s*,"
              + "\\s*'shape':\\s*\\(\\s*(\\d+)\\s*,\\s*(\\d+)\\s*,?\\s*\\)\\s*,?\\s*\\}\\s*");

  private final Path file;
  private final DataInputStream in;
  private long rows;
  private int columns;
  private int bytes;
  private ByteOrder order = ByteOrder.LITTLE_ENDIAN;
  private ByteBuffer row = ByteBuffer.allocate(0);

  private NumPyMatrix(Path file, InputStream stream) {
    this.file = file;
    in = new DataInputStream(new BufferedInputStream(stream, 1 << 16));
  }

  static NumPyMatrix open(Path file) throws IOException {
    NumPyMatrix matrix = new NumPyMatrix(file, Files.newInputStream(file));
    try {
      matrix.readHeader(Files.size(file));
      return matrix;
    } catch (EOFException e) {
      matrix.close();
      throw matrix.damaged("it is cut short", e);
    } catch (IOException | RuntimeException e) {
      matrix.close();
      throw e;
    }
  }

  private FaceSearchException damaged(String why, @Nullable Exception cause) {
    return new FaceSearchException(
        file
            + " must be a matrix of floats of NumPy, a face a row, as numpy.save writes it: "
            + why,
        cause);
  }

  private void readHeader(long size) throws IOException {
    for (byte expected : MAGIC) {
      if (in.readByte() != expected) {
        throw damaged("its first bytes are others", null);
      }
    }
    int version = in.readUnsignedByte();
    in.readByte();
    long length =
        version == 1
            ? Short.toUnsignedInt(Short.reverseBytes(in.readShort()))
            : Integer.toUnsignedLong(Integer.reverseBytes(in.readInt()));
    if (version < 1 || version > 3 || length > MOST_HEADER) {
      throw damaged("its version is " + version + ", its header has " + length + " bytes", null);
    }
    byte[] text = new byte[(int) length];
    in.readFully(text);
    String header = new String(text, StandardCharsets.ISO_8859_1);
    Matcher plain = HEADER.matcher(header);
    if (!plain.matches()) {
      throw damaged("its header is " + header.strip(), null);
    }
    if (plain.group(3).equals("True")) {
      throw damaged("its order is Fortran's; save numpy.ascontiguousarray of it", null);
    }
    bytes = Integer.parseInt(plain.group(2));
    boolean big = ">".equals(plain.group(1));
    order = big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    try {
      rows = Long.parseLong(plain.group(4));
      columns = Integer.parseInt(plain.group(5));
    } catch (NumberFormatException e) {
      throw damaged("its header is " + header.strip(), e);
    }
    long body = size - MAGIC.length - 2 - (version == 1 ? 2 : 4) - length;
    long rowBytes = (long) columns * bytes;
    boolean fits = columns > 0 && body / rowBytes == rows && body % rowBytes == 0;
    if (columns > MOST_COLUMNS || !fits) {
      throw damaged(
          "its shape is " + rows + " x " + columns + ", but it has " + body + " bytes", null);
    }
    row = ByteBuffer.allocate(columns * bytes).order(order);
  }

  long rows() {
    return rows;
  }

  /** The next row. */
  float[] next() throws IOException {
    in.readFully(row.array());
    float[] vector = new float[columns];
    for (int i = 0; i < columns; i++) {
      vector[i] = bytes == 4 ? row.getFloat(4 * i) : (float) row.getDouble(8 * i);
    }
    return vector;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** Writes the vectors of faces as floats of 32 bits, a face a row. */
  static void write(OutputStream out, List<EmbeddedFace> faces) throws IOException {
    int columns = faces.isEmpty() ? 0 : faces.get(0).embedding().dimension();
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': ("
            + faces.size()
            + ", "
            + columns
            + "), }";
    int length = MAGIC.length + 4 + header.length() + 1;
    String padded = header + " ".repeat((64 - length % 64) % 64) + "\n";
    out.write(MAGIC);
    out.write(new byte[] {1, 0, (byte) padded.length(), (byte) (padded.length() >> 8)});
    out.write(padded.getBytes(StandardCharsets.US_ASCII));
    ByteBuffer row = ByteBuffer.allocate(columns * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (EmbeddedFace face : faces) {
      row.clear();
      row.asFloatBuffer().put(face.embedding().toArray());
      out.write(row.array());
    }
  }
}
