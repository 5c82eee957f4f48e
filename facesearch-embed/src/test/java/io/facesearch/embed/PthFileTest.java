package io.facesearch.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.testing.ForAll;
import io.facesearch.testing.IntRange;
import io.facesearch.testing.Property;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that PyTorch itself wrote, and what could be done to them. */
class PthFileTest {
  @TempDir Path folder;

  private Path fixture(String name) throws IOException {
    return Files.write(folder.resolve(name), TestWeights.bytes(name));
  }

  @ParameterizedTest
  @CsvSource({"tiny.pth,''", "tiny_legacy.pth,''", "tiny_nested.pth,module."})
  void readsWhatPyTorchWrote(String name, String prefix) throws IOException {
    Weights file = Weights.read(fixture(name));
    Weights expected = Weights.read(fixture("tiny.safetensors"));
    assertThat(file.names()).hasSameSizeAs(expected.names());
    for (String tensor : expected.names()) {
      assertThat(file.shape(prefix + tensor)).as(tensor).isEqualTo(expected.shape(tensor));
      if (!tensor.endsWith("num_batches_tracked")) {
        assertThat(file.values(prefix + tensor)).as(tensor).isEqualTo(expected.values(tensor));
      }
    }
    assertThatThrownBy(() -> file.values(prefix + "1.num_batches_tracked"))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining("expected floating point, but found LongStorage");
    assertThatThrownBy(() -> file.values("absent"))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining("tensor absent is missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.pth", "evil_legacy.pth"})
  void aPickleThatRunsCodeIsRefusedAndRunsNothing(String name) throws IOException {
    Path file = fixture(name);
    assertThat(new String(TestWeights.bytes(name), StandardCharsets.ISO_8859_1))
        .contains("touch facesearch_was_here");
    assertThatThrownBy(() -> Weights.read(file))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining("posix.system", "nothing of it was run");
    assertThat(Path.of("facesearch_was_here")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    // Text of 2^31 - 1 bytes, a list without a mark, a key that hashes forever, an unknown code.
    "58ffffff7f,bytes more",
    "65,a mark is missing",
    "7d5d4b0173,keys that are texts",
    "69,operation 0x69",
    "2e,stack is empty",
    "'',pickle ends",
    "6305,expected 1 bytes more",
    "68ff,nothing was remembered",
    "4b014b0152,function and its arguments",
    "4b0151,description of a storage"
  })
  void refusesUnsoundPickles(String hex, String message) throws IOException {
    byte[] pickle = new byte[hex.length() / 2];
    for (int i = 0; i < pickle.length; i++) {
      pickle[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
    }
    Path file = zip(pickle, false);
    assertThatThrownBy(() -> Weights.read(file))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining(message);
  }

  @Test
  void refusesCompressedEntries() throws IOException {
    Path file = zip(new byte[50_000_000], true);
    assertThat(Files.size(file)).isLessThan(100_000);
    assertThatThrownBy(() -> Weights.read(file))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining("not compressed");
  }

  private Path zip(byte[] pickle, boolean compressed) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      ZipEntry entry = new ZipEntry("archive/data.pkl");
      if (!compressed) {
        CRC32 crc = new CRC32();
        crc.update(pickle);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(pickle.length);
        entry.setCrc(crc.getValue());
      }
      zip.putNextEntry(entry);
      zip.write(pickle);
      zip.closeEntry();
    }
    return Files.write(folder.resolve("made.pth"), bytes.toByteArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny.pth", "tiny_legacy.pth"})
  void refusesTruncations(String name) throws IOException {
    byte[] bytes = TestWeights.bytes(name);
    Path file = folder.resolve("cut");
    for (int length = 0; length < bytes.length; length += 7) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> Weights.read(file)).isInstanceOf(WeightsFormatException.class);
    }
  }

  @Property(tries = 1000)
  void damageIsATypedExceptionOrHarmless(
      @ForAll boolean legacy,
      @ForAll @IntRange(min = 0, max = 1 << 20) int where,
      @ForAll byte value)
      throws IOException {
    byte[] bytes = TestWeights.bytes(legacy ? "tiny_legacy.pth" : "tiny.pth");
    bytes[where % bytes.length] = value;
    Path file = Files.createTempFile("facesearch", ".pth");
    try {
      Files.write(file, bytes);
      Weights weights = Weights.read(file);
      for (String name : Set.copyOf(weights.names())) {
        weights.values(name);
      }
    } catch (WeightsFormatException e) {
      assertThat(e).hasMessageContaining(file.toString());
    } finally {
      Files.delete(file);
    }
  }
}
