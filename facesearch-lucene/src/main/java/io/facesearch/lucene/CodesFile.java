package io.facesearch.lucene;

import io.facesearch.index.internal.codec.Section;
import io.facesearch.index.internal.quantize.BoundKernel;
import io.facesearch.index.internal.quantize.Kernels;
import io.facesearch.index.internal.quantize.PackedCodes;
import io.facesearch.index.internal.quantize.Packing;
import io.facesearch.index.internal.quantize.PlainKernel;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import io.facesearch.index.internal.quantize.Rotation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FieldInfos;
import org.apache.lucene.store.DataOutput;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.store.IndexOutput;
import org.jspecify.annotations.Nullable;

/**
 * How the codes of a field lie in the two files of a segment: in the file {@code .vstm} one entry
 * for each field, in {@code .vst} the center, the directions, the scales and the codes, all
 * little-endian. Stateless.
 */
final class CodesFile {
  /** Instead of a field's number: there are no more. */
  static final int END = -1;

  private static final int BUFFER = 1 << 16;

  private CodesFile() {}

  /**
   * What is known of the codes of a field before they are read.
   *
   * @param greatestSquare the greatest squared norm of the vectors
   * @param directions 0 where all dimensions are coded
   * @param checksum CRC-32C of the bytes from {@code start} on
   */
  record Entry(
      FieldInfo info,
      int count,
      double greatestSquare,
      Packing packing,
      int directions,
      long start,
      long bytes,
      int checksum) {}

  static void write(
      FieldInfo info,
      QuantizedVectors codes,
      double greatestSquare,
      IndexOutput meta,
      IndexOutput data)
      throws IOException {
    long start = data.alignFilePointer(Long.BYTES);
    CRC32C checksum = new CRC32C();
    for (Section section :
        sections(codes, codes.rotation.center, codes.rotation.directions(), codes.scales())) {
      write(section, data, checksum);
    }
    meta.writeInt(info.number);
    meta.writeInt(info.getVectorSimilarityFunction().ordinal());
    meta.writeInt(codes.dimension);
    meta.writeInt(codes.points);
    meta.writeLong(Double.doubleToLongBits(greatestSquare));
    meta.writeString(codes.layout());
    meta.writeInt(codes.rotation.directions);
    meta.writeLong(start);
    meta.writeLong(data.getFilePointer() - start);
    meta.writeInt((int) checksum.getValue());
  }

  private static List<Section> sections(
      QuantizedVectors codes, float[] center, double[] directions, double[] scales) {
    List<Section> sections = new ArrayList<>(head(center, directions, scales));
    sections.addAll(body(codes));
    return sections;
  }

  private static List<Section> head(float[] center, double[] directions, double[] scales) {
    return List.of(
        new Section("center", center),
        new Section("directions", directions),
        new Section("scales", scales));
  }

  private static List<Section> body(QuantizedVectors codes) {
    List<Section> sections = new ArrayList<>();
    codes.blocks.arrays().forEach(arrays -> sections.add(new Section("codes", arrays)));
    sections.add(new Section("second codes", codes.rows));
    return sections;
  }

  private static void write(Section section, DataOutput data, CRC32C checksum) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    for (long at = 0; at < section.bytes; at += BUFFER) {
      buffer.clear().limit((int) Math.min(BUFFER, section.bytes - at));
      int length = buffer.limit();
      section.write(at, buffer);
      data.writeBytes(buffer.array(), length);
      checksum.update(buffer.array(), 0, length);
    }
  }

  /**
   * Reads the next entry.
   *
   * @return null if there is none
   */
  static @Nullable Entry entry(IndexInput meta, FieldInfos fields) throws IOException {
    int number = meta.readInt();
    if (number == END) {
      return null;
    }
    FieldInfo info = fields.fieldInfo(number);
    if (info == null) {
      throw new CorruptIndexException("codes of a field with the unknown number " + number, meta);
    }
    int similarity = meta.readInt();
    int dimension = meta.readInt();
    if (similarity != info.getVectorSimilarityFunction().ordinal()
        || dimension != info.getVectorDimension()) {
      throw new CorruptIndexException(
          "the codes of the field "
              + info.name
              + " are of "
              + dimension
              + " dimensions and similarity function "
              + similarity
              + ", but the field has "
              + info.getVectorDimension()
              + " and "
              + info.getVectorSimilarityFunction(),
          meta);
    }
    int count = meta.readInt();
    double greatestSquare = Double.longBitsToDouble(meta.readLong());
    String layout = meta.readString();
    Packing packing = Packing.of(layout);
    int directions = meta.readInt();
    long start = meta.readLong();
    long bytes = meta.readLong();
    int checksum = meta.readInt();
    if (packing == null
        || count < 1
        || !(greatestSquare >= 0)
        || directions < 0
        || (directions > 0
            && (packing != Packing.EIGHT_BITS
                || directions != QuantizedVectors.directions(PlainKernel.INSTANCE, dimension)))
        || start < 0
        || bytes < Math.max(count, 8L * directions * dimension)) {
      throw new CorruptIndexException(
          "the field " + info.name + " has codes that there are not: " + layout, meta);
    }
    return new Entry(info, count, greatestSquare, packing, directions, start, bytes, checksum);
  }

  /** Reads all codes of a field. */
  static QuantizedVectors read(Entry entry, IndexInput data) throws IOException {
    IndexInput in = data.slice("codes of " + entry.info.name, entry.start, entry.bytes);
    CRC32C checksum = new CRC32C();
    int dimension = entry.info.getVectorDimension();
    float[] center = new float[dimension];
    double[] directions = new double[entry.directions * dimension];
    double[] scales = new double[QuantizedVectors.SCALES];
    for (Section section : head(center, directions, scales)) {
      read(section, in, checksum);
    }
    BoundKernel kernel = entry.directions == 0 ? Kernels.best() : PlainKernel.INSTANCE;
    QuantizedVectors codes =
        new QuantizedVectors(
            kernel,
            entry.packing,
            entry.count,
            dimension,
            Rotation.restore(center, directions),
            scales);
    for (Section section : body(codes)) {
      read(section, in, checksum);
    }
    if (in.getFilePointer() != entry.bytes || (int) checksum.getValue() != entry.checksum) {
      throw new CorruptIndexException(
          "the codes of the field " + entry.info.name + " do not fit their checksum", data);
    }
    if (!codes.isSound() || !(codes.blocks instanceof PackedCodes)) {
      throw new CorruptIndexException(
          "the codes of the field " + entry.info.name + " prove nothing", data);
    }
    return codes;
  }

  private static void read(Section section, IndexInput in, CRC32C checksum) throws IOException {
    if (section.bytes > in.length() - in.getFilePointer()) {
      throw new CorruptIndexException("the " + section.name + " end too soon", in);
    }
    byte[] bytes = new byte[(int) Math.min(BUFFER, section.bytes)];
    for (long at = 0; at < section.bytes; at += bytes.length) {
      int length = (int) Math.min(bytes.length, section.bytes - at);
      in.readBytes(bytes, 0, length);
      checksum.update(bytes, 0, length);
      ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.LITTLE_ENDIAN);
      if (!section.read(at, buffer)) {
        throw new CorruptIndexException(
            "the " + section.name + " hold a number that is not finite", in);
      }
    }
  }
}
