package io.facesearch.embed;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.facesearch.internal.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;

/** Writes safetensors: under another name first, forced to disk, then renamed in one step. */
final class SafetensorsWriter {
  private SafetensorsWriter() {}

  /**
   * Writes a file of floats.
   *
   * @param file replaced if it exists; whatever happens it is either the old or the new one
   * @param shapes of the tensors, in order
   * @param values of a tensor; asked for one after the other
   * @param metadata what the file says of itself
   */
  static void write(
      Path file,
      Map<String, long[]> shapes,
      Function<String, float[]> values,
      Map<String, String> metadata)
      throws IOException {
    byte[] header = header(shapes, metadata);
    AtomicFile.write(
        file,
        out -> {
          writeAll(
              out,
              ByteBuffer.allocate(Long.BYTES)
                  .order(ByteOrder.LITTLE_ENDIAN)
                  .putLong(0, header.length));
          writeAll(out, ByteBuffer.wrap(header));
          for (String name : shapes.keySet()) {
            writeAll(out, ByteBuffer.wrap(bytes(values.apply(name))));
          }
        });
  }

  static byte[] bytes(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return bytes.array();
  }

  private static byte[] header(Map<String, long[]> shapes, Map<String, String> metadata) {
    JsonObject header = new JsonObject();
    JsonObject about = new JsonObject();
    metadata.forEach(about::addProperty);
    header.add("__metadata__", about);
    long offset = 0;
    for (Map.Entry<String, long[]> entry : shapes.entrySet()) {
      JsonArray shape = new JsonArray();
      long bytes = Float.BYTES;
      for (long side : entry.getValue()) {
        shape.add(side);
        bytes *= side;
      }
      JsonArray range = new JsonArray();
      range.add(offset);
      range.add(offset + bytes);
      offset += bytes;
      JsonObject tensor = new JsonObject();
      tensor.addProperty("dtype", "F32");
      tensor.add("shape", shape);
      tensor.add("data_offsets", range);
      header.add(entry.getKey(), tensor);
    }
    StringBuilder json = new StringBuilder(header.toString());
    while (json.toString().getBytes(StandardCharsets.UTF_8).length % Long.BYTES != 0) {
      json.append(' ');
    }
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void writeAll(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
