package io.facesearch.embed;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A state dict that PyTorch saved: the zip archive of 1.6 and later, or the older row of pickles.
 * Storages take no more memory than the file is large.
 */
final class PthFile implements TensorFile {
  private static final BigInteger LEGACY_MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long LEGACY_PROTOCOL = 1001;
  private static final int MAX_PICKLE = 64 << 20;
  private static final int MAX_RANK = 8;

  /** The magic number, which comes first, ends within so many bytes. */
  private static final int START = 64;

  /** Where training programs put the state dict, if not at the top. */
  private static final List<String> NESTS = List.of("state_dict", "model_state_dict", "model");

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Tensor(
      String type, String key, long count, int offset, long[] shape, long[] strides) {}

  private final String file;
  private final Map<String, Tensor> tensors;
  private final Map<String, ByteBuffer> storages;

  private PthFile(String file, Object root, Map<String, ByteBuffer> storages) {
    this.file = file;
    this.storages = storages;
    tensors = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : stateDict(root).entrySet()) {
      if (entry.getKey() instanceof String name
          && entry.getValue() instanceof PickleReader.Tensor tensor) {
        tensors.put(name, check(name, tensor));
      }
    }
  }

  /** Bytes of an element of a storage class, or 0 if there is no such class. */
  static int bytesOf(String type) {
    return switch (type) {
      case "DoubleStorage", "LongStorage" -> 8;
      case "FloatStorage", "IntStorage" -> 4;
      case "HalfStorage", "BFloat16Storage", "ShortStorage" -> 2;
      case "CharStorage", "ByteStorage", "BoolStorage" -> 1;
      default -> 0;
    };
  }

  /**
   * Reads a file.
   *
   * @throws WeightsFormatException if it is not a sound state dict
   */
  static PthFile read(Path path) throws IOException {
    String file = path.toString();
    byte[] start;
    try (InputStream in = Files.newInputStream(path)) {
      start = in.readNBytes(START);
    }
    if (start.length > 1 && start[0] == 'P' && start[1] == 'K') {
      return readZip(file, path);
    }
    checkMagic(file, new PickleReader(file, ByteBuffer.wrap(start)));
    return readLegacy(file, ByteBuffer.wrap(Weights.bytes(path)));
  }

  private static PthFile readZip(String file, Path path) throws IOException {
    long left = Files.size(path);
    try (ZipFile zip = new ZipFile(path.toFile())) {
      ZipEntry pickle =
          zip.stream()
              .filter(entry -> entry.getName().matches("[^/]+/data\\.pkl"))
              .findFirst()
              .orElseThrow(
                  () ->
                      new WeightsFormatException(
                          file + ": expected a PyTorch archive, but it has no data.pkl"));
      String folder = pickle.getName().replaceFirst("data\\.pkl$", "");
      ZipEntry order = zip.getEntry(folder + "byteorder");
      if (order != null
          && new String(bytes(file, zip, order, 16), StandardCharsets.US_ASCII).startsWith("big")) {
        throw new WeightsFormatException(file + ": expected little-endian numbers");
      }
      Object root =
          new PickleReader(file, ByteBuffer.wrap(bytes(file, zip, pickle, MAX_PICKLE))).read();
      Map<String, ByteBuffer> storages = new HashMap<>();
      for (PickleReader.Storage storage : storagesOf(root)) {
        ZipEntry entry = zip.getEntry(folder + "data/" + storage.key());
        if (entry == null) {
          throw new WeightsFormatException(
              file + ": the data of storage " + storage.key() + " is missing");
        }
        left -= entry.getSize();
        if (left < 0) {
          throw new WeightsFormatException(
              file + ": its entries claim more bytes than the file has");
        }
        byte[] data = bytes(file, zip, entry, Integer.MAX_VALUE - 8);
        storages.put(storage.key(), ByteBuffer.wrap(data));
      }
      return new PthFile(file, root, storages);
    } catch (ZipException | EOFException | IllegalArgumentException e) { // the last: names
      throw new WeightsFormatException(
          file + ": expected a sound zip archive: " + e.getMessage(), e);
    }
  }

  /** PyTorch compresses nothing, so an entry cannot be larger than the file. */
  private static byte[] bytes(String file, ZipFile zip, ZipEntry entry, long limit)
      throws IOException {
    if (entry.getMethod() != ZipEntry.STORED || entry.getSize() > limit) {
      throw new WeightsFormatException(
          file
              + ": entry "
              + entry.getName()
              + ": expected at most "
              + limit
              + " bytes, not compressed, but it has "
              + entry.getSize());
    }
    byte[] data;
    try (InputStream in = zip.getInputStream(entry)) {
      data = in.readNBytes((int) entry.getSize()); // takes memory as it comes, not as it is claimed
    }
    // ZipFile itself does not look at the checksum.
    CRC32 crc = new CRC32();
    crc.update(data);
    if (data.length != entry.getSize() || crc.getValue() != entry.getCrc()) {
      throw new WeightsFormatException(
          file
              + ": entry "
              + entry.getName()
              + " is damaged: its checksum is another, or it was saved without"
              + " (torch.serialization.set_crc32_options)");
    }
    return data;
  }

  private static void checkMagic(String file, PickleReader reader) {
    if (!LEGACY_MAGIC.equals(reader.read())) {
      throw new WeightsFormatException(
          file + ": expected a file written by torch.save, but its first number is another");
    }
  }

  private static PthFile readLegacy(String file, ByteBuffer bytes) {
    checkMagic(file, new PickleReader(file, bytes));
    if (!Long.valueOf(LEGACY_PROTOCOL).equals(new PickleReader(file, bytes).read())) {
      throw new WeightsFormatException(
          file + ": expected a file written by torch.save, but its second number is another");
    }
    Object system = new PickleReader(file, bytes).read();
    if (!(system instanceof Map<?, ?> facts) || !Boolean.TRUE.equals(facts.get("little_endian"))) {
      throw new WeightsFormatException(file + ": expected little-endian numbers");
    }
    Object root = new PickleReader(file, bytes).read();
    Map<String, PickleReader.Storage> wanted = new HashMap<>();
    storagesOf(root).forEach(storage -> wanted.put(storage.key(), storage));
    if (!(new PickleReader(file, bytes).read() instanceof List<?> keys)) {
      throw new WeightsFormatException(file + ": expected the list of storages");
    }
    Map<String, ByteBuffer> storages = new HashMap<>();
    for (Object key : keys) {
      PickleReader.Storage storage = key instanceof String ? wanted.get(key) : null;
      if (storage == null || storages.containsKey(storage.key())) {
        throw new WeightsFormatException(
            file + ": storage " + PickleReader.describe(key) + " is unknown or repeated");
      }
      long count = bytes.remaining() < Long.BYTES ? -1 : bytes.getLong();
      int each = bytesOf(storage.type());
      if (count != storage.count() || count < 0 || count > bytes.remaining() / each) {
        throw new WeightsFormatException(
            file
                + ": storage "
                + storage.key()
                + ": expected "
                + storage.count()
                + " elements, but it says "
                + count
                + ", and "
                + bytes.remaining()
                + " bytes are left");
      }
      int size = (int) count * each;
      storages.put(storage.key(), bytes.slice(bytes.position(), size));
      bytes.position(bytes.position() + size);
    }
    return new PthFile(file, root, storages);
  }

  private static List<PickleReader.Storage> storagesOf(Object root) {
    Map<String, PickleReader.Storage> storages = new LinkedHashMap<>();
    for (Object value : stateDict(root).values()) {
      if (value instanceof PickleReader.Tensor tensor) {
        storages.put(tensor.storage().key(), tensor.storage());
      }
    }
    return List.copyOf(storages.values());
  }

  private static Map<?, ?> stateDict(Object root) {
    if (!(root instanceof Map<?, ?> map)) {
      return Map.of();
    }
    for (String nest : NESTS) {
      if (map.get(nest) instanceof Map<?, ?> inner) {
        return inner;
      }
    }
    return map;
  }

  private Tensor check(String name, PickleReader.Tensor tensor) {
    PickleReader.Storage storage = tensor.storage();
    long[] shape = numbers(name, tensor.shape());
    long[] strides = numbers(name, tensor.strides());
    ByteBuffer data = storages.get(storage.key());
    int each = bytesOf(storage.type());
    boolean sound =
        data != null
            && storage.count() >= 0
            && storage.count() <= data.capacity() / each
            && tensor.offset() >= 0
            && shape.length == strides.length;
    try {
      long count = 1;
      long last = tensor.offset();
      for (int i = 0; sound && i < shape.length; i++) {
        count = Math.multiplyExact(count, shape[i]);
        last = Math.addExact(last, Math.multiplyExact(Math.max(0, shape[i] - 1), strides[i]));
      }
      sound = sound && count <= storage.count() && (count == 0 || last < storage.count());
    } catch (ArithmeticException e) {
      sound = false;
    }
    if (!sound) {
      throw new WeightsFormatException(
          file
              + ": tensor "
              + name
              + ": expected values within the "
              + (data == null ? 0 : data.capacity() / each)
              + " of its storage, but found offset "
              + tensor.offset()
              + ", shape "
              + Arrays.toString(shape)
              + ", strides "
              + Arrays.toString(strides));
    }
    return new Tensor(
        storage.type(), storage.key(), storage.count(), (int) tensor.offset(), shape, strides);
  }

  private long[] numbers(String name, List<Object> values) {
    if (values.size() > MAX_RANK) {
      throw new WeightsFormatException(
          file + ": tensor " + name + ": expected at most " + MAX_RANK + " dimensions");
    }
    long[] numbers = new long[values.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!(values.get(i) instanceof Long number) || number < 0) {
        throw new WeightsFormatException(
            file
                + ": tensor "
                + name
                + ": expected whole numbers of 0 or more, but found "
                + PickleReader.describe(values.get(i)));
      }
      numbers[i] = number;
    }
    return numbers;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public long[] shape(String name) {
    return Objects.requireNonNull(tensors.get(name), name).shape.clone();
  }

  @Override
  public float[] floats(String name, long... shape) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new WeightsFormatException(file + ": tensor " + name + " is missing");
    }
    TensorFile.requireShape(file, name, shape, tensor.shape);
    int count = 1;
    for (long side : shape) {
      count *= (int) side;
    }
    float[] values = new float[count];
    long[] at = new long[shape.length];
    ByteBuffer data =
        Objects.requireNonNull(storages.get(tensor.key)).duplicate().order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      long position = tensor.offset;
      for (int d = 0; d < at.length; d++) {
        position += at[d] * tensor.strides[d];
      }
      values[i] = value(name, tensor.type, data, (int) position);
      for (int d = at.length - 1; d >= 0 && ++at[d] == shape[d]; d--) {
        at[d] = 0;
      }
    }
    return values;
  }

  private float value(String name, String type, ByteBuffer data, int position) {
    return switch (type) {
      case "FloatStorage" -> data.getFloat(4 * position);
      case "DoubleStorage" -> (float) data.getDouble(8 * position);
      case "HalfStorage" -> HalfFloat.toFloat(data.getShort(2 * position));
      case "BFloat16Storage" -> Float.intBitsToFloat(data.getShort(2 * position) << 16);
      default ->
          throw new WeightsFormatException(
              file + ": tensor " + name + ": expected floating point, but found " + type);
    };
  }
}
