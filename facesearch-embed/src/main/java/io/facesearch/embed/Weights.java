package io.facesearch.embed;

import io.facesearch.InsufficientMemoryException;
import io.facesearch.internal.InputFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Named tensors read from a file: safetensors, a state dict saved by PyTorch ({@code .pth}, zip or
 * legacy), or a facesearch checkpoint, recognized by its first bytes. The file is read completely,
 * may have at most 2 GB, and takes as much heap. Nothing in a file can run code. Immutable and
 * thread-safe.
 *
 * <p>Checkpoints and PyTorch's zip files have checksums, so damage is detected. Safetensors and
 * PyTorch's older files have none: damage to their structure is detected, but changed values of a
 * tensor are not.
 */
public final class Weights {
  private final String file;
  private final TensorFile tensors;

  private Weights(String file, TensorFile tensors) {
    this.file = file;
    this.tensors = tensors;
  }

  /**
   * Reads a file.
   *
   * @param file safetensors, {@code .pth} or a checkpoint
   * @return its tensors
   * @throws WeightsFormatException if it is damaged, malicious, or of another format
   * @throws InsufficientMemoryException if it does not fit into the heap
   * @throws IOException if it cannot be read
   */
  public static Weights read(Path file) throws IOException {
    try {
      return load(file);
    } catch (OutOfMemoryError e) {
      throw InputFile.tooLarge(file, 2, e);
    }
  }

  private static Weights load(Path file) throws IOException {
    InputFile.requireNoPipe(file);
    byte[] start = new byte[9];
    try (InputStream in = Files.newInputStream(file)) {
      in.readNBytes(start, 0, start.length);
    }
    boolean pth =
        start[0] == 'P' && start[1] == 'K' || (start[0] & 0xff) == 0x80 && start[8] != '{';
    return of(file.toString(), pth ? PthFile.read(file) : Safetensors.read(file));
  }

  static Weights of(String file, TensorFile tensors) {
    return new Weights(file, tensors);
  }

  /** All bytes of a file, or a typed error if Java cannot hold them. */
  static byte[] bytes(Path file) throws IOException {
    size(file);
    return Files.readAllBytes(file);
  }

  /** The size of a file that is to be read completely. */
  static long size(Path file) throws IOException {
    long size = Files.size(file);
    if (size > Integer.MAX_VALUE - 8) {
      throw new WeightsFormatException(
          file + ": expected at most 2 GB, but the file has " + size + " bytes");
    }
    return size;
  }

  /** Whether a file starts like safetensors: a length, then a JSON object. */
  static boolean isSafetensors(Path file) throws IOException {
    InputFile.requireNoPipe(file);
    byte[] start = new byte[9];
    try (InputStream in = Files.newInputStream(file)) {
      if (in.readNBytes(start, 0, start.length) < start.length) {
        return false;
      }
    }
    long header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return start[8] == '{' && header >= 2 && header <= Safetensors.MAX_HEADER;
  }

  /** {@return the names of the tensors, in the order of the file} */
  public Set<String> names() {
    return tensors.names();
  }

  /**
   * Returns the shape of a tensor.
   *
   * @param name one of {@link #names}
   * @return the sizes of its dimensions
   */
  public long[] shape(String name) {
    if (!tensors.names().contains(name)) {
      throw new WeightsFormatException(file + ": tensor " + name + " is missing");
    }
    return tensors.shape(name);
  }

  /**
   * Returns the values of a floating-point tensor (half, bfloat16, float or double).
   *
   * @param name one of {@link #names}
   * @return a new array, in row-major order
   * @throws WeightsFormatException if there is no such tensor, or it has another type
   */
  public float[] values(String name) {
    return tensors.floats(name, shape(name));
  }

  /** {@return the metadata of a safetensors file, values by key; empty for a {@code .pth} file} */
  public Map<String, String> metadata() {
    return tensors instanceof Safetensors safetensors ? safetensors.metadata() : Map.of();
  }

  /**
   * Writes tensors as a safetensors file. The file is written under another name, forced to disk,
   * and then renamed.
   *
   * @param file replaced if it exists
   * @param tensors values by name, each written as a one-dimensional tensor
   * @param metadata values by key
   * @throws IOException if it cannot be written; an existing file is then unchanged
   */
  public static void write(Path file, Map<String, float[]> tensors, Map<String, String> metadata)
      throws IOException {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    tensors.forEach((name, values) -> shapes.put(name, new long[] {values.length}));
    SafetensorsWriter.write(file, shapes, tensors::get, new TreeMap<>(metadata));
  }

  @Override
  public String toString() {
    return file + " (" + names().size() + " tensors)";
  }
}
