package io.facesearch.embed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.FaceSearchException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files far larger than the heap, with holes in place of their data. */
class SmallHeapTest {
  private static final int VALUES = 150_000_000;

  @TempDir private Path folder;

  private Path file(String name, byte[] start) throws IOException {
    Path file = folder.resolve(name);
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(start);
      out.setLength(start.length + 4L * VALUES);
    }
    return file;
  }

  private static byte[] safetensors(String metadata) {
    byte[] json =
        ("{\"__metadata__\":{"
                + metadata
                + "},\"w\":{\"dtype\":\"F32\",\"shape\":["
                + VALUES
                + "],\"data_offsets\":[0,"
                + 4L * VALUES
                + "]}}")
            .getBytes(UTF_8);
    return length(json.length).put(json).array();
  }

  private static ByteBuffer length(int header) {
    return ByteBuffer.allocate(8 + header).order(ByteOrder.LITTLE_ENDIAN).putLong(header);
  }

  @Test
  void theStartIsLookedAtBeforeTheRestIsRead() throws Exception {
    file("empty", new byte[0]);
    file("pickle", new byte[] {(byte) 0x80, 2, '.'});
    file("header", ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(9_999).array());
    file("weights", safetensors(""));
    file("checkpoint", safetensors("\"facesearch\":\"{}\""));
    file("legacy", java.util.HexFormat.of().parseHex("80028a0a6cfc9c46f9206aa850192e"));
    Path output = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx100m",
                Reader.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process process = builder.start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String memory = "InsufficientMemoryException: has 572 MB and does not fit into the heap of 100";
    String format = "WeightsFormatException: ";
    List<String> lines = Files.readAllLines(output);
    assertThat(lines).as("%s", lines).hasSize(12);
    String[] expected = {
      "empty as weights: " + format,
      "empty as checkpoint: " + format,
      "pickle as weights: " + format,
      "pickle as checkpoint: " + format,
      "header as weights: " + format,
      "header as checkpoint: " + format,
      "weights as weights: " + memory,
      "weights as checkpoint: " + format + ": expected a facesearch checkpoint",
      "checkpoint as weights: " + memory,
      "checkpoint as checkpoint: " + memory,
      "legacy as weights: " + memory,
      "legacy as checkpoint: " + format,
    };
    for (int i = 0; i < expected.length; i++) {
      assertThat(lines.get(i)).startsWith(expected[i]);
      if (expected[i].contains(memory)) {
        assertThat(lines.get(i)).contains("start java with -Xmx");
      }
    }
  }

  /** Reads each file as either, in a JVM of its own. */
  static final class Reader {
    private Reader() {}

    private interface Reading {
      Object of(Path file) throws IOException;
    }

    public static void main(String[] args) throws IOException {
      for (String name : List.of("empty", "pickle", "header", "weights", "checkpoint", "legacy")) {
        Path file = Path.of(args[0], name);
        System.out.println(name + " as weights: " + outcome(file, Weights::read));
        System.out.println(name + " as checkpoint: " + outcome(file, Checkpoint::read));
      }
    }

    private static String outcome(Path file, Reading reading) throws IOException {
      try {
        return reading.of(file).toString();
      } catch (FaceSearchException e) {
        return e.getClass().getSimpleName()
            + ": "
            + e.getMessage().replace(file + " ", "").replace(file.toString(), "");
      }
    }
  }
}
