package io.facesearch.embed;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A file in the safetensors format: 8 bytes header length, a JSON header, then the tensors. All of
 * the header is checked before any tensor is read: sizes, ranges, overlaps and gaps. Immutable.
 */
final class Safetensors implements TensorFile {
  /** The limit of the format's own reader. */
  static final long MAX_HEADER = 100_000_000;

  private static final int MAX_RANK = 8;

  /** Element types, by size in bytes. */
  private enum Type {
    BOOL(1),
    U8(1),
    I8(1),
    F8_E5M2(1),
    F8_E4M3(1),
    I16(2),
    U16(2),
    F16(2),
    BF16(2),
    I32(4),
    U32(4),
    F32(4),
    I64(8),
    U64(8),
    F64(8);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared, never handed out
  private record Tensor(String name, Type type, long[] shape, long begin, long end) {}

  private final String file;
  private final @Nullable ByteBuffer data;
  private final Map<String, Tensor> tensors;
  private final Map<String, String> metadata;

  private Safetensors(
      String file,
      @Nullable ByteBuffer data,
      Map<String, Tensor> tensors,
      Map<String, String> metadata) {
    this.metadata = metadata;
    this.file = file;
    this.data = data;
    this.tensors = tensors;
  }

  /**
   * Reads a file.
   *
   * @throws WeightsFormatException if it is not a sound safetensors file
   */
  static Safetensors read(Path file) throws IOException {
    return read(file, metadata -> {});
  }

  /**
   * Reads a file; the header first, so that what it is not costs no memory.
   *
   * @param check of the metadata, before any tensor is read
   * @throws WeightsFormatException if it is not a sound safetensors file
   */
  static Safetensors read(Path file, Consumer<Map<String, String>> check) throws IOException {
    String name = file.toString();
    long size = Weights.size(file);
    try (InputStream in = Files.newInputStream(file)) {
      int length = headerLength(name, in.readNBytes(Long.BYTES), size);
      byte[] header = new byte[length];
      header[0] = (byte) in.read();
      if (header[0] != '{') {
        throw new WeightsFormatException(name + ": the header is not sound JSON: it has no {");
      }
      int read = 1 + in.readNBytes(header, 1, length - 1);
      Safetensors tensors = header(name, header, 0, length, size - Long.BYTES - length);
      check.accept(tensors.metadata());
      byte[] data = new byte[(int) (size - Long.BYTES - length)];
      read += in.readNBytes(data, 0, data.length);
      if (read != length + data.length) {
        throw new WeightsFormatException(name + ": the file became shorter while it was read");
      }
      return tensors.with(ByteBuffer.wrap(data));
    }
  }

  /**
   * Reads and checks the header.
   *
   * @param file name for messages
   * @param bytes the whole file; not copied, must not change
   * @return the file
   * @throws WeightsFormatException if it is not a sound safetensors file
   */
  static Safetensors parse(String file, byte[] bytes) {
    int length = headerLength(file, bytes, bytes.length);
    int head = Long.BYTES + length;
    return header(file, bytes, Long.BYTES, length, bytes.length - head)
        .with(ByteBuffer.wrap(bytes, head, bytes.length - head).slice());
  }

  private Safetensors with(ByteBuffer values) {
    return new Safetensors(file, values.order(ByteOrder.LITTLE_ENDIAN), tensors, metadata);
  }

  private static int headerLength(String file, byte[] start, long size) {
    if (start.length < Long.BYTES) {
      throw new WeightsFormatException(
          file + ": expected the 8 bytes of the header length, but the file has " + start.length);
    }
    long length = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    long limit = Math.min(MAX_HEADER, size - Long.BYTES);
    if (length < 2 || length > limit) {
      throw new WeightsFormatException(
          file
              + ": expected a header of 2 to "
              + limit
              + " bytes in a file of "
              + size
              + ", but its length says "
              + Long.toUnsignedString(length));
    }
    return (int) length;
  }

  /** Without the tensors' values. */
  private static Safetensors header(String file, byte[] bytes, int from, int length, long size) {
    String json;
    try {
      json =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes, from, length))
              .toString();
    } catch (CharacterCodingException e) {
      throw new WeightsFormatException(file + ": the header is not UTF-8", e);
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    try (JsonReader reader = new JsonReader(new StringReader(json))) {
      reader.setStrictness(Strictness.STRICT);
      readHeader(file, reader, tensors, metadata);
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      throw new WeightsFormatException(
          file + ": the header is not sound JSON: " + e.getMessage(), e);
    }
    checkLayout(file, size, tensors.values());
    return new Safetensors(file, null, tensors, metadata);
  }

  private static void readHeader(
      String file, JsonReader reader, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    reader.beginObject();
    while (reader.hasNext()) {
      String name = reader.nextName();
      if (name.equals("__metadata__")) {
        reader.beginObject();
        while (reader.hasNext()) {
          metadata.put(reader.nextName(), reader.nextString());
        }
        reader.endObject();
      } else if (tensors.put(name, readTensor(file, name, reader)) != null) {
        throw new WeightsFormatException(file + ": tensor " + name + " appears twice");
      }
    }
    reader.endObject();
    if (reader.peek() != JsonToken.END_DOCUMENT) {
      throw new WeightsFormatException(file + ": text follows the JSON of the header");
    }
  }

  private static Tensor readTensor(String file, String name, JsonReader reader) throws IOException {
    String type = null;
    long[] shape = null;
    long[] range = null;
    reader.beginObject();
    while (reader.hasNext()) {
      String key = reader.nextName();
      switch (key) {
        case "dtype" -> type = reader.nextString();
        case "shape" -> shape = readNumbers(file, name, reader, MAX_RANK);
        case "data_offsets" -> range = readNumbers(file, name, reader, 2);
        default ->
            throw new WeightsFormatException(
                file
                    + ": tensor "
                    + name
                    + ": expected dtype, shape and data_offsets, but found "
                    + key);
      }
    }
    reader.endObject();
    if (type == null || shape == null || range == null || range.length != 2) {
      throw new WeightsFormatException(
          file + ": tensor " + name + ": expected dtype, shape and two data_offsets");
    }
    return new Tensor(name, typeOf(file, name, type), shape, range[0], range[1]);
  }

  private static Type typeOf(String file, String name, String type) {
    try {
      return Type.valueOf(type);
    } catch (IllegalArgumentException e) {
      throw new WeightsFormatException(
          file
              + ": tensor "
              + name
              + ": expected one of the types "
              + Arrays.toString(Type.values())
              + ", but found "
              + type,
          e);
    }
  }

  private static long[] readNumbers(String file, String name, JsonReader reader, int max)
      throws IOException {
    long[] numbers = new long[max];
    int n = 0;
    reader.beginArray();
    while (reader.hasNext()) {
      if (n == max || reader.peek() != JsonToken.NUMBER) {
        throw new WeightsFormatException(
            file + ": tensor " + name + ": expected at most " + max + " whole numbers");
      }
      long number = reader.nextLong();
      if (number < 0) {
        throw new WeightsFormatException(
            file + ": tensor " + name + ": expected numbers of 0 or more, but found " + number);
      }
      numbers[n++] = number;
    }
    reader.endArray();
    return Arrays.copyOf(numbers, n);
  }

  private static void checkLayout(String file, long size, Iterable<Tensor> tensors) {
    List<Tensor> sorted = new ArrayList<>();
    for (Tensor tensor : tensors) {
      checkSize(file, tensor);
      sorted.add(tensor);
    }
    sorted.sort(Comparator.comparingLong(Tensor::begin).thenComparingLong(Tensor::end));
    long end = 0;
    for (Tensor tensor : sorted) {
      if (tensor.begin != end || tensor.end > size) {
        throw new WeightsFormatException(
            file
                + ": tensor "
                + tensor.name
                + ": expected bytes that start at "
                + end
                + " and end within the "
                + size
                + " bytes of data, but they are "
                + tensor.begin
                + " to "
                + tensor.end);
      }
      end = tensor.end;
    }
    if (end != size) {
      throw new WeightsFormatException(
          file + ": expected " + end + " bytes of data after the header, but found " + size);
    }
  }

  private static void checkSize(String file, Tensor tensor) {
    long bytes = tensor.type.bytes;
    try {
      for (long dimension : tensor.shape) {
        bytes = Math.multiplyExact(bytes, dimension);
      }
    } catch (ArithmeticException e) {
      throw new WeightsFormatException(
          file
              + ": tensor "
              + tensor.name
              + ": shape "
              + Arrays.toString(tensor.shape)
              + " overflows",
          e);
    }
    if (tensor.end - tensor.begin != bytes) {
      throw new WeightsFormatException(
          file
              + ": tensor "
              + tensor.name
              + ": expected "
              + bytes
              + " bytes for "
              + tensor.type
              + " of shape "
              + Arrays.toString(tensor.shape)
              + ", but data_offsets "
              + tensor.begin
              + " to "
              + tensor.end
              + " hold "
              + (tensor.end - tensor.begin));
    }
  }

  /** What the file says of itself. */
  Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public long[] shape(String name) {
    return find(name).shape.clone();
  }

  /**
   * Values of a floating point tensor (F16, BF16, F32 or F64), row-major, as float.
   *
   * @param name of the tensor
   * @param shape that the network expects
   * @return a new array
   * @throws WeightsFormatException if there is no such tensor, or its shape or type differ
   */
  @Override
  public float[] floats(String name, long... shape) {
    Tensor tensor = find(name);
    ByteBuffer data = Objects.requireNonNull(this.data, "read without data");
    TensorFile.requireShape(file, name, shape, tensor.shape);
    int n = (int) ((tensor.end - tensor.begin) / tensor.type.bytes);
    int begin = (int) tensor.begin;
    float[] values = new float[n];
    switch (tensor.type) {
      case F32 ->
          data.slice(begin, 4 * n).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
      case F16 -> {
        for (int i = 0; i < n; i++) {
          values[i] = HalfFloat.toFloat(data.getShort(begin + 2 * i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < n; i++) {
          values[i] = Float.intBitsToFloat(data.getShort(begin + 2 * i) << 16);
        }
      }
      case F64 -> {
        for (int i = 0; i < n; i++) {
          values[i] = (float) data.getDouble(begin + 8 * i);
        }
      }
      default ->
          throw new WeightsFormatException(
              file
                  + ": tensor "
                  + name
                  + ": expected F16, BF16, F32 or F64, but found "
                  + tensor.type);
    }
    return values;
  }

  private Tensor find(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new WeightsFormatException(
          file
              + ": tensor "
              + name
              + " is missing; the file has "
              + tensors.size()
              + " tensors: "
              + tensors.keySet());
    }
    return tensor;
  }
}
