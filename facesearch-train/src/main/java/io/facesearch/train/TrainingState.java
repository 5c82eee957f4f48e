package io.facesearch.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.facesearch.InsufficientMemoryException;
import io.facesearch.embed.Weights;
import io.facesearch.embed.WeightsFormatException;
import io.facesearch.internal.InputFile;
import io.facesearch.internal.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a training that is stopped needs to go on: tensors and texts in a safetensors file, with a
 * SHA-256 of them all.
 */
record TrainingState(Map<String, float[]> tensors, Map<String, String> about) {
  private static final String KEY = "facesearch-training";
  private static final String VERSION = "3";
  private static final String DIGEST = "sha256";

  void write(Path file) throws IOException {
    Map<String, String> all = new TreeMap<>(about);
    all.put(KEY, VERSION);
    all.put(DIGEST, digest(tensors, all));
    Weights.write(file, tensors, all);
  }

  /**
   * Reads a file.
   *
   * @throws WeightsFormatException if it is damaged, of another version, or no state
   * @throws InsufficientMemoryException if it does not fit into the heap
   */
  static TrainingState read(Path file) throws IOException {
    try {
      return load(file);
    } catch (OutOfMemoryError e) {
      throw InputFile.tooLarge(file, 4, e);
    }
  }

  private static TrainingState load(Path file) throws IOException {
    Weights weights = Weights.read(file);
    Map<String, String> about = new TreeMap<>(weights.metadata());
    if (!about.containsKey(KEY)) {
      throw new WeightsFormatException(
          file + " is not the saved state of a training; name another file");
    }
    if (!VERSION.equals(about.get(KEY))) {
      throw new WeightsFormatException(
          file + " was saved by another version of facesearch; delete it to start over");
    }
    Map<String, float[]> tensors = new LinkedHashMap<>();
    weights.names().forEach(name -> tensors.put(name, weights.values(name)));
    String expected = about.remove(DIGEST);
    if (!digest(tensors, about).equals(expected)) {
      throw damaged(file, "its content is not that of its checksum", null);
    }
    about.remove(KEY);
    return new TrainingState(tensors, about);
  }

  private static String digest(Map<String, float[]> tensors, Map<String, String> about) {
    MessageDigest sha = Sha256.digest();
    new TreeMap<>(about)
        .forEach((key, value) -> sha.update((key + "=" + value + "\n").getBytes(UTF_8)));
    new TreeMap<>(tensors)
        .forEach(
            (name, values) -> {
              sha.update((name + " " + values.length + "\n").getBytes(UTF_8));
              ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
              bytes.asFloatBuffer().put(values);
              sha.update(bytes);
            });
    return HexFormat.of().formatHex(sha.digest());
  }

  static WeightsFormatException damaged(Path file, String what, @Nullable Exception cause) {
    return new WeightsFormatException(
        "the saved state " + file + " is damaged: " + what + "; delete it to start over", cause);
  }
}
